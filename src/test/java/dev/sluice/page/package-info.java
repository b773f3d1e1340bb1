/** The page in a real browser, served by a real container: what a person sees, and what the browser says of it. */
@NullMarked
package dev.sluice.page;

import org.jspecify.annotations.NullMarked;
