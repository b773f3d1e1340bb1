@NullMarked
package dev.sluice.jwt;

import org.jspecify.annotations.NullMarked;
