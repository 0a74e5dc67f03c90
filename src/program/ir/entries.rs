//! The entries of the table as data: what a program's node holds, and how code generic over an entry
//! reaches it.

use crate::op::{self, Bends, Binary, Corner, Kinks, Many, Op, Shape, Unary, for_each_signature};

/// A plain parameter of an entry, which compares and hashes by its bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Bits(u64);

impl Bits {
    pub(crate) const fn of(x: f64) -> Self {
        Bits(x.to_bits())
    }
}

impl From<f64> for Bits {
    fn from(x: f64) -> Self {
        Bits::of(x)
    }
}

impl From<Bits> for f64 {
    fn from(bits: Bits) -> f64 {
        f64::from_bits(bits.0)
    }
}

/// Code that is generic over an entry of one argument.
pub(crate) trait VisitUnary {
    type Output;
    fn visit<O: Unary>(self, entry: O) -> Self::Output;
}

/// Code that is generic over an entry of two arguments.
pub(crate) trait VisitBinary {
    type Output;
    fn visit<O: Binary>(self, entry: O) -> Self::Output;
}

/// Code that is generic over an entry of three arguments or of a list.
pub(crate) trait VisitMany {
    type Output;
    fn visit<O: Many>(self, entry: O) -> Self::Output;
}

macro_rules! stored {
    (type i32) => {
        i32
    };
    (type real) => {
        Bits
    };
    (show i32, $param:ident, $f:ident) => {
        write!($f, ", {}", $param)?
    };
    (show real, $param:ident, $f:ident) => {
        write!($f, ", {:?}", f64::from(*$param))?
    };
}

macro_rules! emit_kinds {
    (
        unary { $($unary:ident = $Unary:ident ( $($param:ident : $kind:ident),* );)+ }
        binary { $($binary:ident = $Binary:ident;)+ }
        three { $($three:ident = $Three:ident ( $second:ident, $third:ident );)+ }
        list { $($list:ident = $List:ident;)+ }
    ) => {
        /// An entry of one argument, with its parameters.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub(crate) enum UnaryKind {
            $($Unary { $($param: stored!(type $kind)),* },)+
        }

        /// An entry of two arguments.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub(crate) enum BinaryKind {
            $($Binary,)+
        }

        /// An entry of three arguments or of a list.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub(crate) enum ManyKind {
            $($Three,)+
            $($List,)+
        }

        impl ManyKind {
            /// Hands the entry itself to generic code.
            #[inline]
            pub(crate) fn visit<V: VisitMany>(self, visitor: V) -> V::Output {
                match self {
                    $(ManyKind::$Three => visitor.visit(op::$Three),)+
                    $(ManyKind::$List => visitor.visit(op::$List),)+
                }
            }

            /// The entry's name.
            pub(crate) fn op(self) -> Op {
                match self {
                    $(ManyKind::$Three => Op::$Three,)+
                    $(ManyKind::$List => Op::$List,)+
                }
            }

            /// How many arguments it takes; `None` of a list.
            pub(crate) fn arity(self) -> Option<usize> {
                match self {
                    $(ManyKind::$Three => op::$Three::ARITY,)+
                    $(ManyKind::$List => op::$List::ARITY,)+
                }
            }
        }

        impl UnaryKind {
            /// Hands the entry itself to generic code.
            #[inline]
            pub(crate) fn visit<V: VisitUnary>(self, visitor: V) -> V::Output {
                match self {
                    $(UnaryKind::$Unary { $($param),* } => {
                        visitor.visit(op::$Unary { $($param: $param.into()),* })
                    })+
                }
            }

            /// Whether it has kinks.
            pub(crate) fn has_kinks(self) -> bool {
                struct Kinked;
                impl VisitUnary for Kinked {
                    type Output = bool;
                    fn visit<O: Unary>(self, _: O) -> bool {
                        O::KINKED
                    }
                }
                self.visit(Kinked)
            }

            /// Whether its slope depends on the argument alone.
            pub(crate) fn is_linear(self) -> bool {
                struct Linear;
                impl VisitUnary for Linear {
                    type Output = bool;
                    fn visit<O: Unary>(self, _: O) -> bool {
                        O::SHAPE == Shape::Linear
                    }
                }
                self.visit(Linear)
            }

            /// The second derivatives on the sides of its kinks, in their order; none if they are all 0.
            pub(crate) fn bends(self) -> Bends {
                struct All;
                impl VisitUnary for All {
                    type Output = Bends;
                    fn visit<O: Unary>(self, entry: O) -> Bends {
                        entry.bends()
                    }
                }
                self.visit(All)
            }

            /// Where it has kinks, and the slopes on their sides.
            pub(crate) fn kinks(self) -> Kinks {
                struct All;
                impl VisitUnary for All {
                    type Output = Kinks;
                    fn visit<O: Unary>(self, entry: O) -> Kinks {
                        entry.kinks()
                    }
                }
                self.visit(All)
            }

            /// The entry's name.
            pub(crate) fn op(self) -> Op {
                match self {
                    $(UnaryKind::$Unary { .. } => Op::$Unary,)+
                }
            }

            /// Writes the parameters, each after a comma.
            pub(crate) fn write_parameters(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(UnaryKind::$Unary { $($param),* } => { $(stored!(show $kind, $param, f);)* })+
                }
                let _ = f;
                Ok(())
            }
        }

        impl BinaryKind {
            /// Hands the entry itself to generic code.
            #[inline]
            pub(crate) fn visit<V: VisitBinary>(self, visitor: V) -> V::Output {
                match self {
                    $(BinaryKind::$Binary => visitor.visit(op::$Binary),)+
                }
            }

            /// The shape of its kinks, if it has any.
            pub(crate) fn corner(self) -> Option<Corner> {
                struct CornerOf;
                impl VisitBinary for CornerOf {
                    type Output = Option<Corner>;
                    fn visit<O: Binary>(self, _: O) -> Option<Corner> {
                        O::CORNER
                    }
                }
                self.visit(CornerOf)
            }

            /// The entry's name.
            pub(crate) fn op(self) -> Op {
                match self {
                    $(BinaryKind::$Binary => Op::$Binary,)+
                }
            }
        }

        $(
            impl From<op::$Unary> for UnaryKind {
                fn from(entry: op::$Unary) -> Self {
                    let op::$Unary { $($param),* } = entry;
                    UnaryKind::$Unary { $($param: $param.into()),* }
                }
            }
        )+
        $(
            impl From<op::$Binary> for BinaryKind {
                fn from(_: op::$Binary) -> Self {
                    BinaryKind::$Binary
                }
            }
        )+
        $(
            impl From<op::$Three> for ManyKind {
                fn from(_: op::$Three) -> Self {
                    ManyKind::$Three
                }
            }
        )+
        $(
            impl From<op::$List> for ManyKind {
                fn from(_: op::$List) -> Self {
                    ManyKind::$List
                }
            }
        )+
    };
}
for_each_signature!(emit_kinds);
