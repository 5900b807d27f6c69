#!/usr/bin/env python3
"""Writes crates/math/src/tables.rs: the constants and polynomial coefficients of the kernels.

Run it after `pip install -r requirements.txt`; the output is the same on every machine.
"""

from pathlib import Path

from mpmath import cos, erfc, exp, frexp, ldexp, log, lu_solve, matrix, mp, mpf, nint, pi, sqrt

mp.dps = 60

OUTPUT = Path(__file__).resolve().parents[2] / "crates/math/src/tables.rs"
EXP_SEGMENTS = 64
LN_SEGMENTS = 64
MILLS_SEGMENTS = 32
MILLS_WIDTH = mpf(1) / 4
MILLS_DEGREE = 10

# Wichura, Algorithm AS 241: The Percentage Points of the Normal Distribution, Applied Statistics 37 (1988), PPND16:
# numerators and denominators, highest power first.
QUANTILES = [
    (
        "QUANTILE_MIDDLE",
        "where p is no further than 0.425 from one half, in `0.425² − (p − 1/2)²`",
        [
            "2.5090809287301226727e+3",
            "3.3430575583588128105e+4",
            "6.7265770927008700853e+4",
            "4.5921953931549871457e+4",
            "1.3731693765509461125e+4",
            "1.9715909503065514427e+3",
            "1.3314166789178437745e+2",
            "3.3871328727963666080e+0",
        ],
        [
            "5.2264952788528545610e+3",
            "2.8729085735721942674e+4",
            "3.9307895800092710610e+4",
            "2.1213794301586595867e+4",
            "5.3941960214247511077e+3",
            "6.8718700749205790830e+2",
            "4.2313330701600911252e+1",
            "1",
        ],
    ),
    (
        "QUANTILE_TAIL",
        "in `√(−ln p) − 1.6` where that root is at most 5",
        [
            "7.74545014278341407640e-4",
            "2.27238449892691845833e-2",
            "2.41780725177450611770e-1",
            "1.27045825245236838258e+0",
            "3.64784832476320460504e+0",
            "5.76949722146069140550e+0",
            "4.63033784615654529590e+0",
            "1.42343711074968357734e+0",
        ],
        [
            "1.05075007164441684324e-9",
            "5.47593808499534494600e-4",
            "1.51986665636164571966e-2",
            "1.48103976427480074590e-1",
            "6.89767334985100004550e-1",
            "1.67638483018380384940e+0",
            "2.05319162663775882187e+0",
            "1",
        ],
    ),
    (
        "QUANTILE_FAR_TAIL",
        "in `√(−ln p) − 5` beyond",
        [
            "2.01033439929228813265e-7",
            "2.71155556874348757815e-5",
            "1.24266094738807843860e-3",
            "2.65321895265761230930e-2",
            "2.96560571828504891230e-1",
            "1.78482653991729133580e+0",
            "5.46378491116411436990e+0",
            "6.65790464350110377720e+0",
        ],
        [
            "2.04426310338993978564e-15",
            "1.42151175831644588870e-7",
            "1.84631831751005468180e-5",
            "7.86869131145613259100e-4",
            "1.48753612908506148525e-2",
            "1.36929880922735805310e-1",
            "5.99832206555887937690e-1",
            "1",
        ],
    ),
]


def fit(function, degree):
    """Coefficients, lowest power first, of the polynomial through the Chebyshev nodes of [0, 1]."""
    nodes = [(1 + cos(pi * (2 * k + 1) / (2 * (degree + 1)))) / 2 for k in range(degree + 1)]
    powers = matrix(degree + 1, degree + 1)
    values = matrix(degree + 1, 1)
    for row, node in enumerate(nodes):
        for column in range(degree + 1):
            powers[row, column] = node**column
        values[row] = function(node)
    return list(lu_solve(powers, values))


def mills(a):
    """Mills ratio of the normal distribution, (1 - cdf(a)) / density(a)."""
    return sqrt(pi / 2) * exp(a * a / 2) * erfc(a / sqrt(2))


def word(value, fraction_bits):
    """A non-negative number as an unsigned 64-bit fixed-point literal, rounded to nearest."""
    scaled = int(nint(ldexp(value, fraction_bits)))
    assert 0 <= scaled < 1 << 64, value
    digits = f"{scaled:016x}"
    return "0x" + "_".join(digits[i : i + 4] for i in range(0, 16, 4))


def array(name, doc, values):
    rows = "".join(f"    {value},\n" for value in values)
    return f"/// {doc}\npub(crate) const {name}: [u64; {len(values)}] = [\n{rows}];\n"


def real(value):
    fraction, exponent = frexp(value)
    return f"Real::positive({word(fraction, 64)}, {exponent - 64})"


def constant(name, doc, value):
    return f"/// {doc}\npub(crate) const {name}: Real = {real(value)};\n"


def main():
    parts = [
        "//! Constants of the kernels, written by `scripts/vectors/tables.py`.\n\n"
        "use crate::real::Real;\n"
    ]
    parts.append(constant("LN_2", "ln 2.", log(2)))
    parts.append(constant("SQRT_TAU", "√(2π).", sqrt(2 * pi)))
    parts.append(constant("DENSITY_AT_ZERO", "1/√(2π).", 1 / sqrt(2 * pi)))
    parts.append(
        constant(
            "MAX_TRADING_Z",
            "The quantile of 1 − `MIN_TRADING_PRICE`.",
            sqrt(2) * mp.erfinv(1 - 2 * mpf(10) ** -6),
        )
    )
    parts.append(
        f"/// 1/ln 2 in Q1.63.\npub(crate) const INVERSE_LN_2: u64 = {word(1 / log(2), 63)};\n"
    )
    parts.append(
        array(
            "EXP2",
            "2^(j/64) in Q1.63.",
            [word(mpf(2) ** (mpf(j) / EXP_SEGMENTS), 63) for j in range(EXP_SEGMENTS)],
        )
    )
    step = fit(lambda h: (mpf(2) ** (h / EXP_SEGMENTS) - 1) / h, 4)
    parts.append(
        array(
            "EXP2_STEP",
            "Coefficients of (2^(h/64) − 1)/h on 0 ≤ h ≤ 1 in Q0.64, highest power first.",
            [word(c, 64) for c in reversed(step)],
        )
    )
    parts.append(
        array(
            "EXPM1",
            "1/(k + 1)! for k from 8 down to 1 in Q0.64.",
            [word(1 / mp.factorial(k + 1), 64) for k in range(8, 0, -1)],
        )
    )
    parts.append(
        array(
            "LN_1P",
            "1/(k + 1) for k from 8 down to 1 in Q0.64.",
            [word(mpf(1) / (k + 1), 64) for k in range(8, 0, -1)],
        )
    )
    middles = [1 + (j + mpf(1) / 2) / LN_SEGMENTS for j in range(LN_SEGMENTS)]
    reciprocals = [word(1 / middle, 64) for middle in middles]
    parts.append(
        array(
            "LN_RECIPROCAL", "Reciprocals of the middles 1 + (j + 1/2)/64 in Q0.64.", reciprocals
        )
    )
    exact = [ldexp(mpf(int(r.replace("_", ""), 16)), -64) for r in reciprocals]
    parts.append(
        array("LN_MIDDLE", "−ln of each entry of `LN_RECIPROCAL` in Q1.63.", [word(-log(r), 63) for r in exact])
    )
    series = "".join(f"    {real(c)},\n" for c in [mpf(127) / 5040, mpf(7) / 120, mpf(1) / 6, mpf(1)])
    parts.append(
        "/// Series of the normal quantile about 1/2, highest power first.\n"
        f"pub(crate) const QUANTILE_SERIES: [Real; 4] = [\n{series}];\n"
    )
    for name, where, *polynomials in QUANTILES:
        rows = "".join(
            "    [\n" + "".join(f"        {real(mpf(c))},\n" for c in polynomial) + "    ],\n" for polynomial in polynomials
        )
        parts.append(
            "/// Numerator and denominator of the normal quantile, highest power first,\n"
            f"/// {where}.\n"
            f"pub(crate) const {name}: [[Real; 8]; 2] = [\n{rows}];\n"
        )
    rows = []
    for segment in range(MILLS_SEGMENTS):
        right = (segment + 1) * MILLS_WIDTH
        coefficients = fit(lambda h: mills(right - h * MILLS_WIDTH), MILLS_DEGREE)
        rows.append("    [\n" + "".join(f"        {word(c, 63)},\n" for c in reversed(coefficients)) + "    ],\n")
    parts.append(
        "/// Mills ratio on [j/4, (j + 1)/4]: coefficients in Q1.63, highest power first, of the\n"
        "/// polynomial in the distance from the right end, as a fraction of the segment's width.\n"
        f"pub(crate) const MILLS: [[u64; {MILLS_DEGREE + 1}]; {MILLS_SEGMENTS}] = [\n{''.join(rows)}];\n"
    )
    OUTPUT.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
