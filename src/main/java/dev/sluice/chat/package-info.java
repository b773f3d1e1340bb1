/** What a completion is, whoever provides it: the request, its pieces, its end, its failure. */
@NullMarked
package dev.sluice.chat;

import org.jspecify.annotations.NullMarked;
