/**
 * Matches an email address. It starts at the first letter or digit of a run of address characters and nowhere else in
 * the run, which keeps the search linear; markup before it (`_`) is not part of it.
 */
export const EMAIL =
  String.raw`(?=[A-Za-z0-9])(?<=(?<![\w.%+-])[_.%+-]{0,3})[\w.%+-]+` +
  String.raw`@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?![A-Za-z0-9])`
