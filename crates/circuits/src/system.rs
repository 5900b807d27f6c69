//! Constraint systems and the expressions gadgets are written in.
//!
//! A gadget is written once, over any [`System`]. [`Assignment`] runs it on plain field elements and
//! keeps the witnesses only, which is all a prover needs; [`Constraints`] runs it on linear
//! combinations and keeps the matrices.

use std::{
    collections::BTreeMap,
    ops::{Add, Mul, Sub},
};

use ark_ff::{One, Zero};
use attestation::Field;
use rayon::prelude::*;

/// Index of the constant one among the variables.
const ONE: usize = 0;
/// Index of the only public input.
pub const PUBLIC_INPUT: usize = 1;
/// Variables that are not witnesses: the constant one and the public input.
pub const PUBLIC_VARIABLES: usize = 2;

/// A linear expression in the variables of a system, and its value.
pub trait Expression:
    Clone + Send + Sync + Add<Output = Self> + Sub<Output = Self> + Mul<Field, Output = Self>
{
    fn constant(value: Field) -> Self;
    fn value(&self) -> Field;
}

/// What gadgets build on.
pub trait System: Sized {
    type Expression: Expression;

    /// The public input.
    fn public_input(&mut self, value: Field) -> Self::Expression;

    /// A new witness.
    fn witness(&mut self, value: Field) -> Self::Expression;

    /// Enforces `a·b = c`.
    ///
    /// Variables in `b` cost the prover most, in G2. Of two factors, the one with fewer variables
    /// or with bits belongs there.
    fn enforce(&mut self, a: &Self::Expression, b: &Self::Expression, c: &Self::Expression);

    /// Names the part of the statement that what follows is of.
    fn section(&mut self, _name: &'static str) {}

    /// Runs `build` on each item, one after the other as far as the variables are concerned.
    fn each<I: Sync, O: Send>(
        &mut self,
        items: &[I],
        build: impl Fn(&mut Self, &I) -> O + Sync,
    ) -> Vec<O> {
        items.iter().map(|item| build(self, item)).collect()
    }

    /// A new witness equal to `a·b`.
    fn product(&mut self, a: &Self::Expression, b: &Self::Expression) -> Self::Expression {
        let product = self.witness(a.value() * b.value());
        self.enforce(a, b, &product);
        product
    }

    /// Enforces `a = b`.
    fn enforce_equal(&mut self, a: &Self::Expression, b: &Self::Expression) {
        self.enforce(a, &Self::Expression::constant(Field::one()), b);
    }
}

/// The expression with value zero and no variables.
pub fn zero<E: Expression>() -> E {
    E::constant(Field::zero())
}

impl Expression for Field {
    fn constant(value: Field) -> Self {
        value
    }

    fn value(&self) -> Field {
        *self
    }
}

/// The values of all variables: one, the public input, the witnesses.
#[derive(Debug)]
pub struct Assignment(Vec<Field>);

impl Assignment {
    pub fn new() -> Self {
        Self(vec![Field::one(), Field::zero()])
    }

    pub fn into_values(self) -> Vec<Field> {
        self.0
    }
}

impl Default for Assignment {
    fn default() -> Self {
        Self::new()
    }
}

impl System for Assignment {
    type Expression = Field;

    fn public_input(&mut self, value: Field) -> Field {
        self.0[PUBLIC_INPUT] = value;
        value
    }

    fn witness(&mut self, value: Field) -> Field {
        self.0.push(value);
        value
    }

    fn enforce(&mut self, _: &Field, _: &Field, _: &Field) {}

    fn each<I: Sync, O: Send>(
        &mut self,
        items: &[I],
        build: impl Fn(&mut Self, &I) -> O + Sync,
    ) -> Vec<O> {
        let parts: Vec<_> = items
            .par_iter()
            .map(|item| {
                let mut part = Self(Vec::new());
                let output = build(&mut part, item);
                (part, output)
            })
            .collect();
        parts
            .into_iter()
            .map(|(part, output)| {
                self.0.extend(part.0);
                output
            })
            .collect()
    }
}

/// `Σ coefficient · variable`, by increasing variable, without zero coefficients.
#[derive(Clone, Debug)]
pub struct Combination {
    value: Field,
    terms: Vec<(usize, Field)>,
}

impl Combination {
    fn variable(index: usize, value: Field) -> Self {
        Self {
            value,
            terms: vec![(index, Field::one())],
        }
    }

    fn combine(self, other: Self, sign: Field) -> Self {
        let mut terms = Vec::with_capacity(self.terms.len() + other.terms.len());
        let (mut left, mut right) = (self.terms.into_iter(), other.terms.into_iter());
        let (mut next_left, mut next_right) = (left.next(), right.next());
        loop {
            let (index, coefficient) = match (next_left, next_right) {
                (Some(l), Some(r)) if l.0 == r.0 => {
                    (next_left, next_right) = (left.next(), right.next());
                    (l.0, l.1 + r.1 * sign)
                }
                (Some(l), r) if r.is_none_or(|r| l.0 < r.0) => {
                    next_left = left.next();
                    l
                }
                (_, Some(r)) => {
                    next_right = right.next();
                    (r.0, r.1 * sign)
                }
                (_, None) => break,
            };
            if !coefficient.is_zero() {
                terms.push((index, coefficient));
            }
        }
        Self {
            value: self.value + other.value * sign,
            terms,
        }
    }
}

impl Add for Combination {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.combine(other, Field::one())
    }
}

impl Sub for Combination {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.combine(other, -Field::one())
    }
}

impl Mul<Field> for Combination {
    type Output = Self;

    fn mul(mut self, factor: Field) -> Self {
        if factor.is_zero() {
            self.terms.clear();
        }
        for (_, coefficient) in &mut self.terms {
            *coefficient *= factor;
        }
        self.value *= factor;
        self
    }
}

impl Expression for Combination {
    fn constant(value: Field) -> Self {
        let terms = if value.is_zero() {
            Vec::new()
        } else {
            vec![(ONE, value)]
        };
        Self { value, terms }
    }

    fn value(&self) -> Field {
        self.value
    }
}

/// A sparse matrix by rows.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    /// Where each row ends in `terms`.
    ends: Vec<usize>,
    terms: Vec<(usize, Field)>,
}

impl Matrix {
    fn push(&mut self, row: &Combination) {
        self.terms.extend_from_slice(&row.terms);
        self.ends.push(self.terms.len());
    }

    /// Number of coefficients that are not zero.
    pub fn num_terms(&self) -> usize {
        self.terms.len()
    }

    /// The rows, each as `(variable, coefficient)` by increasing variable.
    pub fn rows(&self) -> impl Iterator<Item = &[(usize, Field)]> {
        (0..self.ends.len()).map(|row| self.row(row))
    }

    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> &[(usize, Field)] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.terms[start..self.ends[row]]
    }

    /// Value of a row under an assignment of all variables.
    pub fn evaluate(&self, row: usize, values: &[Field]) -> Field {
        self.row(row)
            .iter()
            .map(|(variable, coefficient)| values[*variable] * coefficient)
            .sum()
    }
}

/// `(A·z) ∘ (B·z) = C·z` over the variables `z` = one, public input, witnesses.
#[derive(Clone, Debug, Default)]
pub struct R1cs {
    pub num_variables: usize,
    pub a: Matrix,
    pub b: Matrix,
    pub c: Matrix,
    /// The parts of the statement, in their order.
    pub sections: Vec<Section>,
}

/// A part of a statement: up to where the next one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    pub name: &'static str,
    pub first_variable: usize,
    pub first_constraint: usize,
}

impl R1cs {
    pub fn num_constraints(&self) -> usize {
        self.a.ends.len()
    }

    /// A name for each variable: its part of the statement, which repetition of it, and its number
    /// there.
    pub fn variable_names(&self) -> Vec<String> {
        let mut names = vec!["one".to_owned(), "public_input".to_owned()];
        let mut repetitions = BTreeMap::new();
        for (place, section) in self.sections.iter().enumerate() {
            let next = self.sections.get(place + 1);
            let end = next.map_or(self.num_variables, |next| next.first_variable);
            let repetition = repetitions.entry(section.name).or_insert(0);
            for number in 0..end - section.first_variable {
                names.push(format!("{}[{repetition}].{number}", section.name));
            }
            *repetition += 1;
        }
        names
    }

    /// Size of the smallest power-of-two domain: constraints and public variables fit.
    pub fn domain_size(&self) -> usize {
        (self.num_constraints() + PUBLIC_VARIABLES).next_power_of_two()
    }

    /// The first constraint that `values` do not satisfy.
    pub fn unsatisfied(&self, values: &[Field]) -> Option<usize> {
        (0..self.num_constraints()).find(|row| {
            self.a.evaluate(*row, values) * self.b.evaluate(*row, values)
                != self.c.evaluate(*row, values)
        })
    }
}

/// Builds the matrices, together with the values of one assignment.
#[derive(Debug)]
pub struct Constraints {
    values: Vec<Field>,
    r1cs: R1cs,
}

impl Constraints {
    pub fn new() -> Self {
        Self {
            values: Assignment::new().into_values(),
            r1cs: R1cs::default(),
        }
    }

    /// The matrices and the values of the variables.
    pub fn finish(mut self) -> (R1cs, Vec<Field>) {
        self.r1cs.num_variables = self.values.len();
        (self.r1cs, self.values)
    }
}

impl Default for Constraints {
    fn default() -> Self {
        Self::new()
    }
}

impl System for Constraints {
    type Expression = Combination;

    fn section(&mut self, name: &'static str) {
        self.r1cs.sections.push(Section {
            name,
            first_variable: self.values.len(),
            first_constraint: self.r1cs.num_constraints(),
        });
    }

    fn public_input(&mut self, value: Field) -> Combination {
        self.values[PUBLIC_INPUT] = value;
        Combination::variable(PUBLIC_INPUT, value)
    }

    fn witness(&mut self, value: Field) -> Combination {
        self.values.push(value);
        Combination::variable(self.values.len() - 1, value)
    }

    fn enforce(&mut self, a: &Combination, b: &Combination, c: &Combination) {
        self.r1cs.a.push(a);
        self.r1cs.b.push(b);
        self.r1cs.c.push(c);
    }
}
