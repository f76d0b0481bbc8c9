/**
 * ln Gamma and its first two derivatives for positive arguments, to about 13 digits: shifted up to 10 and then Stirling's
 * asymptotic series (Abramowitz & Stegun 6.1.40, 6.3.18, 6.4.12).
 */

const HALF_LN_TWO_PI = 0.9189385332046727;
const SHIFT_TO = 10;

/** ln Gamma(x), psi(x) and psi'(x) at once; they share the same shift. x > 0. */
export const gammaTriple = (x: number): { ln: number; first: number; second: number } => {
  let product = 1;
  let first = 0;
  let second = 0;
  let at = x;
  while (at < SHIFT_TO) {
    product *= at;
    first -= 1 / at;
    second += 1 / (at * at);
    at += 1;
  }
  const i = 1 / at;
  const s = i * i;
  const ln =
    (at - 0.5) * Math.log(at) -
    at +
    HALF_LN_TWO_PI +
    i * (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - (s * 691) / 360360))))) -
    Math.log(product);
  first +=
    Math.log(at) - i / 2 - s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - (s * 691) / 32760)))));
  second += i + s / 2 + s * i * (1 / 6 - s * (1 / 30 - s * (1 / 42 - s * (1 / 30 - s * (5 / 66 - (s * 691) / 2730)))));
  return { ln, first, second };
};
