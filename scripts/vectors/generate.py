#!/usr/bin/env python3
"""Writes the test vectors of crates/math, computed with mpmath at 50 digits.

Run it after `pip install -r requirements.txt`; the output is the same on every machine. Kernel
files hold pairs of C99 hexadecimal numbers with a 64-bit mantissa: the argument, exactly, and the
value, rounded to nearest. Curve files hold states and amounts in base units and the exact real
results of a trade, cut after six decimals.
"""

from fractions import Fraction
from pathlib import Path
from random import Random

from mpmath import erfc, erfinv, exp, expm1, floor, frexp, ldexp, log, log1p, mp, mpf, nint, pi, sqrt

mp.dps = 50

OUTPUT = Path(__file__).resolve().parents[2] / "crates/math/tests/vectors"
ROWS = 2_000
MIN_TRADING_PRICE = mpf(10) ** -6


class Source:
    """Random numbers from bits alone, so that they do not depend on the Python version."""

    def __init__(self, name):
        self.random = Random(f"strobe {name}")

    def below(self, bound):
        return self.random.getrandbits(96) % bound

    def unit(self):
        return mpf(self.random.getrandbits(64)) / 2**64

    def between(self, low, high):
        return low + (high - low) * self.unit()

    def magnitude(self, low, high):
        """Log-uniform between powers of ten."""
        return mpf(10) ** self.between(low, high)

    def sign(self):
        return 1 - 2 * self.below(2)

    def pick(self, values):
        return values[self.below(len(values))]


def rounded(value):
    """The nearest number with a 64-bit mantissa."""
    if value == 0:
        return mpf(0)
    fraction, exponent = frexp(value)
    return ldexp(nint(ldexp(fraction, 64)), exponent - 64)


def hexadecimal(value):
    value = rounded(mpf(value))
    if value == 0:
        return "0x0p0"
    fraction, exponent = frexp(abs(value))
    return f"{'-' if value < 0 else ''}0x{int(ldexp(fraction, 64)):x}p{exponent - 64}"


def density(z):
    return exp(-z * z / 2) / sqrt(2 * pi)


def cdf(z):
    return erfc(-z / sqrt(2)) / 2


def integral(z):
    """Of the distribution function, from minus infinity."""
    return z * cdf(z) + density(z)


def quantile(p):
    """erfinv loses digits at the ends: finish with Newton's method."""
    mp.dps += 30
    z = sqrt(2) * erfinv(2 * p - 1)
    for _ in range(2):
        z -= (cdf(z) - p) / density(z)
    mp.dps -= 30
    return +z


def write(name, header, rows):
    text = "\n".join([header, *rows]) + "\n"
    assert len(text) < 1 << 20, name
    (OUTPUT / name).write_text(text, encoding="ascii")


def kernel(name, function, arguments):
    """Writes a file of one function; `arguments` draws an argument from a source."""
    source = Source(name)
    edges, draw = arguments(source)
    points = [rounded(mpf(edge)) for edge in edges]
    points += [rounded(draw()) for _ in range(ROWS + 100)]
    rows = [f"{hexadecimal(x)},{hexadecimal(function(x))}" for x in points]
    write(f"{name}.csv", "argument,value", rows)


def exp_arguments(source):
    edges = [0, 1, -1, 65_535, -65_535, log(2), -log(2), mpf(2) ** -70, -(mpf(2) ** -70), 64, -64]
    edges += [s * mpf(2) ** k for k in range(-66, 16, 3) for s in (1, -1)]
    ranges = [lambda: source.sign() * source.magnitude(-20, 2), lambda: source.between(-40, 40),
              lambda: source.between(-1, 1)]
    return edges, lambda: source.pick(ranges)()


def ln_arguments(source):
    edges = [mpf(2) ** k for k in range(-100, 101, 4)]
    edges += [1 + s * mpf(2) ** -k for k in range(1, 63) for s in (1, -1)]
    edges += [1 + mpf(j) / 64 for j in range(64)]
    ranges = [lambda: source.magnitude(-30, 30), lambda: source.between(mpf(1) / 2, 2),
              lambda: 1 + source.sign() * source.magnitude(-18, -1)]
    return edges, lambda: source.pick(ranges)()


def ln_1p_arguments(source):
    edges = [0, -mpf(1) / 2, 1, 2**40]
    edges += [s * mpf(2) ** -k for k in range(1, 90, 2) for s in (1, -1)]
    edges += [-1 + mpf(2) ** -k for k in range(1, 60)]
    ranges = [lambda: source.magnitude(-25, 25), lambda: -source.magnitude(-25, 0) * mpf("0.999"),
              lambda: source.between(mpf(-99) / 100, 3)]
    return edges, lambda: source.pick(ranges)()


def sqrt_arguments(source):
    edges = [0, 1, 2, 3, 4, 2**64 - 1, (2**32 - 1) ** 2, (2**32 - 1) ** 2 - 1, mpf(2) ** -63]
    edges += [mpf(2) ** k for k in range(-64, 64, 3)] + [mpf(k) / 1024 for k in range(1, 1024, 9)]
    ranges = [lambda: source.magnitude(-30, 30), lambda: source.unit()]
    return edges, lambda: source.pick(ranges)()


def normal_arguments(limit):
    def arguments(source):
        edges = [0, 1, -1, limit, -limit, mpf(2) ** -60, -(mpf(2) ** -60)]
        edges += [mpf(k) / 4 for k in range(-31, 32)]
        ranges = [lambda: source.between(-limit, limit), lambda: source.between(-5, 5),
                  lambda: source.sign() * source.magnitude(-18, 0)]
        return edges, lambda: source.pick(ranges)()

    return arguments


def quantile_arguments(source):
    edges = [mpf(1) / 2, mpf(1) / 4, mpf(3) / 4, mpf(10) ** -6, 1 - mpf(10) ** -6]
    edges += [mpf(10) ** -k for k in range(1, 16)] + [1 - mpf(10) ** -k for k in range(1, 16)]
    edges += [mpf(1) / 2 + s * mpf(2) ** -k for k in range(2, 60) for s in (1, -1)]
    ranges = [lambda: source.magnitude(-15, mpf("-0.302")), lambda: 1 - source.magnitude(-15, mpf("-0.302")),
              lambda: source.unit(), lambda: mpf(1) / 2 + source.sign() * source.magnitude(-15, -2)]
    return edges, lambda: source.pick(ranges)()


def price_word(value):
    """Q1.63, rounded down."""
    return int(floor(ldexp(value, 63)))


def amount(value):
    """Cut after six decimals."""
    micro = int(floor(value * 10**6))
    assert micro >= 0
    return f"{micro // 10**6}.{micro % 10**6:06d}"


def draw_depth(source):
    return source.pick([10**6, 10**9, 10**12, 10**15, int(source.magnitude(6, 15)), int(source.magnitude(6, 12))])


def draw_rate(source):
    return source.pick([0, 0, 1, 50, 200, 1000, source.below(1001)])


def newton(function, slope, start):
    z = start
    for _ in range(200):
        step = -function(z) / slope(z)
        z += step
        if abs(step) < mpf(10) ** -45:
            return z
    raise ArithmeticError("no convergence")


class Lmsr:
    """All amounts over the depth."""

    def __init__(self, depth, quantities, outcome):
        top = max(quantities)
        weights = [exp(mpf(q - top) / depth) for q in quantities]
        total = sum(weights)
        self.p = weights[outcome] / total
        self.rest = sum(w for i, w in enumerate(weights) if i != outcome) / total
        self.lowest = min(w for i, w in enumerate(weights) if i != outcome) / total

    def shares(self, cost):
        return log1p(expm1(cost) / self.p)

    def cost(self, shares):
        return log1p(self.p * expm1(shares))

    def proceeds(self, shares):
        return -log(self.rest + self.p * exp(-shares))

    def half(self):
        """Cost and shares from here to the price one half, both negative when it is behind."""
        return log(2 * self.rest), log(self.rest / self.p)

    def fee_of_buy(self, shares, cost):
        half_cost, half_shares = self.half()
        below_cost = min(cost, max(half_cost, 0))
        below_shares = min(shares, max(half_shares, 0))
        return below_cost + (shares - below_shares) - (cost - below_cost)

    def fee_of_sale(self, shares, money):
        half_cost, half_shares = self.half()
        above_money = min(money, max(-half_cost, 0))
        above_shares = min(shares, max(-half_shares, 0))
        return (above_shares - above_money) + (money - above_money)

    def cost_of_stake(self, stake, rate):
        half_cost, half_shares = self.half()
        if rate == 0 or stake <= (1 + rate) * half_cost:
            return stake / (1 + rate)

        def excess(cost):
            return cost + rate * self.fee_of_buy(self.shares(cost), cost) - stake

        def slope(cost):
            return 1 - rate + rate * exp(cost) / (self.p + expm1(cost))

        start = max(half_cost, 0)
        return newton(excess, slope, start + (stake - start * (1 + rate)) / (1 + rate))

    def lowest_after(self, cost):
        return self.lowest * exp(-cost)


class PmAmm:
    """Seen from the outcome traded; all amounts over the depth."""

    def __init__(self, depth, reserves, outcome):
        own, other = reserves[outcome], reserves[1 - outcome]
        self.z = mpf(other - own) / depth
        self.other = mpf(other) / depth

    def inverse_integral(self, value):
        """From the left on the logarithm, which is concave."""
        return newton(
            lambda z: log(integral(z) / value), lambda z: cdf(z) / integral(z), min(self.z, mpf(-1))
        )

    def shares(self, cost):
        return self.inverse_integral(self.other + cost) - self.z

    def cost(self, shares):
        return integral(self.z + shares) - self.other

    def proceeds(self, shares):
        return self.other - integral(self.z - shares)

    def half(self):
        return density(mpf(0)) - self.other, -self.z

    fee_of_buy = Lmsr.fee_of_buy
    fee_of_sale = Lmsr.fee_of_sale

    def cost_of_stake(self, stake, rate):
        half_cost, _ = self.half()
        if rate == 0 or (self.z < 0 and stake <= (1 + rate) * half_cost):
            return stake / (1 + rate)

        # In z, which is what the trade moves; the cost follows.
        def excess(z):
            cost = integral(z) - self.other
            return cost + rate * self.fee_of_buy(z - self.z, cost) - stake

        z = newton(excess, lambda z: cdf(z) * (1 - rate) + rate, max(self.z, mpf(0)))
        return integral(z) - self.other

    def lowest_after(self, cost):
        return cdf(-self.z - self.shares(cost))


class L2:
    """All amounts over the depth, the quantities of the bins too."""

    def __init__(self, bins, outcome):
        self.x = bins[outcome]
        self.others = sum(x * x for i, x in enumerate(bins) if i != outcome)
        self.k = sqrt(self.others + self.x**2)
        self.p = self.x / self.k
        self.lowest = min(x for i, x in enumerate(bins) if i != outcome)

    def shares(self, cost):
        return sqrt((self.k + cost) ** 2 - self.others) - self.x

    def cost(self, shares):
        return sqrt((self.x + shares) ** 2 + self.others) - self.k

    def proceeds(self, shares):
        if shares > self.x:
            return mpf(-1)
        return self.k - sqrt((self.x - shares) ** 2 + self.others)

    def half(self):
        quantity = sqrt(self.others / 3)
        return 2 * quantity - self.k, quantity - self.x

    fee_of_buy = Lmsr.fee_of_buy
    fee_of_sale = Lmsr.fee_of_sale

    def cost_of_stake(self, stake, rate):
        half_cost, _ = self.half()
        if rate == 0 or stake <= (1 + rate) * half_cost:
            return stake / (1 + rate)

        def excess(cost):
            return cost + rate * self.fee_of_buy(self.shares(cost), cost) - stake

        def slope(cost):
            return 1 - rate + rate * (self.k + cost) / (self.x + self.shares(cost))

        start = max(half_cost, 0)
        return newton(excess, slope, start + (stake - start * (1 + rate)) / (1 + rate))

    def lowest_after(self, cost):
        return self.lowest / (self.k + cost)


def draw_lmsr(source, counts=(2, 2, 2, 3, 3, 4, 5, 8, 10)):
    depth = draw_depth(source)
    count = source.pick(counts)
    reach = source.pick([mpf("0.1"), 1, 1, 3, 8, 13, 30])
    base = source.pick([0, 0, depth, -depth])
    quantities = [base + int(depth * reach * source.unit()) for _ in range(count)]
    outcome = source.below(count)
    return depth, quantities, outcome, Lmsr(depth, quantities, outcome)


def draw_lmsr_many(source):
    return draw_lmsr(source, range(11, 33))


def draw_lmsr_most(source):
    return draw_lmsr(source, range(33, 65))


def draw_l2(source):
    """Opening quantities, even or skewed, and shares sold on top, in 64ths of a share."""
    depth = source.pick([10**3, draw_depth(source)])
    count = source.pick([2, 2, 3, 4, 7, 16, 16, 32, 64])
    skew = source.pick([0, 0, 1, 3])
    prior = [source.magnitude(-skew, 0) if skew else mpf(1) for _ in range(count)]
    scale = 64 * depth / sqrt(sum(p * p for p in prior))
    quantities = [int(scale * p) for p in prior]
    reach = source.pick([0, mpf("0.01"), 1, 1, 3, 10])
    favoured = source.pick([1, count])
    for _ in range(favoured):
        quantities[source.below(count)] += int(64 * int(depth * reach * source.unit()))
    if max(quantities) > 2**61:
        return draw_l2(source)
    outcome = source.below(count)
    return depth, quantities, outcome, L2([mpf(q) / 64 / depth for q in quantities], outcome)


def draw_l2_even(source):
    """Shares sold on top of the irrational quantities of equal prices."""
    depth = draw_depth(source)
    count = source.pick([2, 3, 5, 16, 33, 64])
    reach = source.pick([0, mpf("0.01"), 1, 1, 3])
    sold = [int(depth * reach * source.unit() * source.below(2)) for _ in range(count)]
    outcome = source.below(count)
    return depth, sold, outcome, L2([mpf(q) / depth + 1 / sqrt(mpf(count)) for q in sold], outcome)


def draw_pm_amm(source):
    depth = draw_depth(source)
    reach = source.pick([mpf("0.01"), 1, 1, 2, 4, mpf("4.7"), 6])
    z = source.between(-reach, reach)
    cut = source.pick([lambda v: int(mp.ceil(v)), lambda v: int(mp.ceil(v)), lambda v: int(nint(v))])
    reserves = [cut(depth * integral(-z)), cut(depth * integral(z))]
    outcome = source.below(2)
    return depth, reserves, outcome, PmAmm(depth, reserves, outcome)


def draw_amount(source, depth):
    small = lambda: source.below(1_000) + 1
    middle = lambda: int(depth * source.magnitude(-6, 0)) + 1
    large = lambda: int(depth * source.between(0, 12)) + 1
    return source.pick([small, middle, middle, middle, large])()


def trades(name, draw, kind, count):
    """Writes a file of one kind of trade: `stake`, `buy` or `sell`."""
    source = Source(f"{name} {kind}")
    rows = []
    while len(rows) < count:
        depth, state, outcome, market = draw(source)
        given = draw_amount(source, depth)
        bps = draw_rate(source)
        rate = mpf(bps) / 10_000
        if kind == "stake":
            cost = market.cost_of_stake(mpf(given) / depth, rate)
            if market.lowest_after(cost) < MIN_TRADING_PRICE:
                continue
            shares = market.shares(cost)
            fee = mpf(given) / depth - cost
            if shares * depth < 2:
                continue
        elif kind == "buy":
            shares = mpf(given) / depth
            cost = market.cost(shares)
            if market.lowest_after(cost) < MIN_TRADING_PRICE:
                continue
            fee = rate * market.fee_of_buy(shares, cost)
        else:
            shares = mpf(given) / depth
            cost = market.proceeds(shares)
            fee = rate * market.fee_of_sale(shares, cost)
        if min(shares, cost, fee) < 0:
            continue
        numbers = [depth, " ".join(map(str, state)), outcome, bps, given]
        numbers += [amount(depth * value) for value in (shares, cost, fee)]
        numbers.append(price_word(cdf(market.z) if isinstance(market, PmAmm) else market.p))
        rows.append(",".join(map(str, numbers)))
    write(f"{name}_{kind}.csv", "depth,state,outcome,rate,given,shares,money,fee,price", rows)


class Secured:
    """Shares that secure a debt, over the depth; no fees."""

    def __init__(self, market, shares):
        self.market, self.shares, self.value = market, shares, market.proceeds(shares)

    def opposing(self, debt):
        market, shares = self.market, self.shares
        if isinstance(market, Lmsr):
            return log(market.p * expm1(-shares) / expm1(-debt))

        def value(z):
            return integral(z) - integral(z - shares)

        # From the left on the logarithm, which is concave: a share returns less than Φ(z). What a
        # narrow sale returns is a small difference.
        mp.dps += 40
        z = newton(
            lambda z: log(value(z) / debt),
            lambda z: (cdf(z) - cdf(z - shares)) / value(z),
            quantile(debt / shares),
        )
        mp.dps -= 40
        return integral(-z) - integral(-market.z)

    def shares_for(self, value):
        market = self.market
        if isinstance(market, Lmsr):
            return -log1p(expm1(-value) / market.p)
        return market.z - market.inverse_integral(market.other - value)


def secured(name, draw):
    """Writes what puts positions under water and what restores them."""
    source = Source(f"{name} secured")
    rows = []
    while len(rows) < 1_000:
        depth, state, outcome, market = draw(source)
        given = draw_amount(source, depth)
        position = Secured(market, mpf(given) / depth)
        if not position.value * depth >= 20:
            continue
        value = int(floor(position.value * depth))
        debt = max(1, int(value * source.between(mpf("0.01"), mpf("0.98"))))
        part = max(1, int(value * source.between(mpf("0.01"), mpf("0.9"))))
        money, shares = position.opposing(mpf(debt) / depth), position.shares_for(mpf(part) / depth)
        # Of the share next to the last one that is sold, which says how much a base unit is.
        step = position.shares_for(mpf(part + 1) / depth) - shares
        unit = money - position.opposing(mpf(debt + 1) / depth)
        numbers = [depth, " ".join(map(str, state)), outcome, given, debt, part]
        numbers += [amount(depth * number) for number in (money, unit, shares, step)]
        rows.append(",".join(map(str, numbers)))
    write(f"{name}_secured.csv", "depth,state,outcome,shares,debt,part,money,unit,sale,step", rows)


def limits():
    """Writes the debt over value that a move of some deviations within a latency reaches."""
    source = Source("diffusion")
    rows = []
    while len(rows) < 400:
        price = price_word(source.pick([source.unit(), source.magnitude(-6, 0), 1 - source.magnitude(-6, 0)]))
        latency, left = source.below(600) + 1, int(source.magnitude(0, 7)) + 1
        deviations = source.below(12) + 1
        if not 0 < price < 2**63:
            continue
        p = mpf(price) / 2**63
        limit = 1 - deviations * density(quantile(p)) / p * sqrt(mpf(latency) / left)
        rows.append(f"{price},{latency},{left},{deviations},{price_word(max(limit, mpf(0)))}")
    write("diffusion.csv", "price,latency,left,deviations,limit", rows)


def indices():
    """Writes yearly rates and indices in Q64.64, each exactly, rounded up."""
    source = Source("borrow rates")
    rows = []
    for _ in range(400):
        idle, at_kink, full = sorted(source.below(10_001) for _ in range(3))
        kink = source.below(9_999) + 1
        lent, cash = int(source.magnitude(0, 18)), source.pick([0, int(source.magnitude(0, 18))])
        part, bend = Fraction(lent, lent + cash), Fraction(kink, 10_000)
        if part <= bend:
            rate = idle + (at_kink - idle) * part / bend
        else:
            rate = at_kink + (full - at_kink) * (part - bend) / (1 - bend)
        rate /= 10_000
        index, seconds = int(source.magnitude(mpf("19.27"), 22)), source.below(10**8)
        grown = index * (1 + rate * Fraction(seconds, 31_536_000))
        numbers = [idle, at_kink, full, kink, lent, cash, index, seconds]
        numbers += [-(-rate.numerator * 2**63 // rate.denominator), -(-grown.numerator // grown.denominator)]
        rows.append(",".join(map(str, numbers)))
    write("borrow_rates.csv", "idle,at_kink,full,kink,lent,cash,index,seconds,yearly,grown", rows)


def chains():
    """Writes prepaid chains of decimal prices, all figures exact before they are rounded."""
    source = Source("chains")
    rows = []
    while len(rows) < 400:
        digits = source.pick([1, 2, 3, 6, 12, 18])
        prices = [source.below(10**digits - 1) + 1 for _ in range(source.below(9) + 1)]
        fee, stake = draw_rate(source), int(source.magnitude(0, 12))
        chance, expected = Fraction(1), Fraction(1)
        for price in prices:
            chance *= Fraction(price, 10**digits)
            expected *= Fraction(10_000 - fee, 10_000)
        if expected / chance > 10_000:
            continue
        payout = int(stake * expected / chance)
        figures = [round(figure * 10**12) for figure in (expected / chance, chance, expected)]
        numbers = [10**digits, " ".join(map(str, prices)), fee, stake, payout, *figures]
        rows.append(",".join(map(str, numbers)))
    write("chains.csv", "denominator,prices,fee,stake,payout,multiple,chance,expected", rows)


def main():
    OUTPUT.mkdir(parents=True, exist_ok=True)
    kernel("exp", exp, exp_arguments)
    kernel("exp_m1", expm1, exp_arguments)
    kernel("ln", log, ln_arguments)
    kernel("ln_1p", log1p, ln_1p_arguments)
    kernel("sqrt", sqrt, sqrt_arguments)
    kernel("density", density, normal_arguments(38))
    kernel("cdf", cdf, normal_arguments(10))
    kernel("cdf_integral", integral, normal_arguments(mpf(799) / 100))
    kernel("quantile", quantile, quantile_arguments)
    curves = [
        ("lmsr", draw_lmsr, ROWS),
        ("lmsr_many", draw_lmsr_many, 400),
        ("lmsr_most", draw_lmsr_most, 400),
        ("pm_amm", draw_pm_amm, ROWS),
        ("l2", draw_l2, 1_200),
        ("l2_even", draw_l2_even, 400),
    ]
    for name, draw, count in curves:
        for kind in ["stake", "buy", "sell"]:
            trades(name, draw, kind, count)
    secured("lmsr", draw_lmsr)
    secured("pm_amm", draw_pm_amm)
    limits()
    indices()
    chains()


if __name__ == "__main__":
    main()
