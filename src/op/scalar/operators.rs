//! The operators of a number in all their forms: by value and by reference, with numbers on either side, and
//! assigning.

/// All forms of one operator, from those on two numbers of the type, one and a plain number, and a plain number
/// and one. The type is given for any precision `F`, with what it is generic in, and for both of them.
macro_rules! operator {
    ([$($any:tt)*] $T:ty; $([$($of:tt)*] $Number:ty, $Of:ty;)+
     $Trait:ident $method:ident $Assign:ident $assign:ident,
     |$a:ident, $b:ident| $both:expr, |$x:ident, $c:ident| $right:expr,
     |$d:ident, $y:ident| $left:expr) => {
        impl<$($any)*> $Trait for $T {
            type Output = $T;
            #[inline(always)]
            #[track_caller]
            fn $method(self, other: $T) -> $T {
                let ($a, $b) = (self, other);
                $both
            }
        }
        impl<$($any)*> $Trait<F> for $T {
            type Output = $T;
            #[inline(always)]
            #[track_caller]
            fn $method(self, other: F) -> $T {
                let ($x, $c) = (self, other);
                $right
            }
        }
        operator!(forward [$($any)*] $T, $Trait $method, &$T, $T);
        operator!(forward [$($any)*] $T, $Trait $method, $T, &$T);
        operator!(forward [$($any)*] $T, $Trait $method, &$T, &$T);
        operator!(forward [$($any)*] $T, $Trait $method, &$T, F);
        operator!(forward [$($any)*] $T, $Trait $method, $T, &F);
        operator!(forward [$($any)*] $T, $Trait $method, &$T, &F);
        operator!(assign [$($any)*] $T, $Assign $assign $method, $T);
        operator!(assign [$($any)*] $T, $Assign $assign $method, &$T);
        operator!(assign [$($any)*] $T, $Assign $assign $method, F);
        operator!(assign [$($any)*] $T, $Assign $assign $method, &F);
        operator!(left $([$($of)*] $Number, $Of;)+ $Trait $method, |$d, $y| $left);
    };
    (left [$($of:tt)*] $Number:ty, $Of:ty; $([$($of2:tt)*] $Number2:ty, $Of2:ty;)*
     $Trait:ident $method:ident, |$d:ident, $y:ident| $left:expr) => {
        impl<$($of)*> $Trait<$Of> for $Number {
            type Output = $Of;
            #[inline(always)]
            #[track_caller]
            fn $method(self, other: $Of) -> $Of {
                let ($d, $y) = (self, other);
                $left
            }
        }
        operator!(forward [$($of)*] $Of, $Trait $method, $Number, &$Of);
        operator!(forward [$($of)*] $Of, $Trait $method, &$Number, $Of);
        operator!(forward [$($of)*] $Of, $Trait $method, &$Number, &$Of);
        operator!(left $([$($of2)*] $Number2, $Of2;)* $Trait $method, |$d, $y| $left);
    };
    (left $Trait:ident $method:ident, |$d:ident, $y:ident| $left:expr) => {};
    (forward [$($any:tt)*] $T:ty, $Trait:ident $method:ident, $Left:ty, $Right:ty) => {
        impl<$($any)*> $Trait<$Right> for $Left {
            type Output = $T;
            #[inline(always)]
            #[track_caller]
            fn $method(self, other: $Right) -> $T {
                $Trait::$method(self.clone(), other.clone())
            }
        }
    };
    (assign [$($any:tt)*] $T:ty, $Assign:ident $assign:ident $method:ident, $Right:ty) => {
        impl<$($any)*> $Assign<$Right> for $T {
            #[inline(always)]
            #[track_caller]
            fn $assign(&mut self, other: $Right) {
                *self = (*self).$method(other);
            }
        }
    };
}
pub(crate) use operator;
