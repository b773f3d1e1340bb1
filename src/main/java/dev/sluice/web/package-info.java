/** What all servlets here share: where Sluice is mounted, answers in one piece, errors, and what each container does differently. */
@NullMarked
package dev.sluice.web;

import org.jspecify.annotations.NullMarked;
