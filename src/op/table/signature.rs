//! The entries by their signatures alone, for those who need neither words nor columns.

use crate::op::table::for_each_op;

macro_rules! emit_signatures {
    (
        unary { $(
            $(#[doc = $doc:literal])+
            $unary:ident = $Unary:ident ( $($param:ident : $kind:ident),* ) { $($rest:tt)* }
        )+ }
        binary { $(
            $(#[doc = $bdoc:literal])+
            $binary:ident = $Binary:ident { $($brest:tt)* }
        )+ }
        three { $(
            $(#[doc = $tdoc:literal])+
            $three:ident = $Three:ident ( $second:ident, $third:ident ) { $($trest:tt)* }
        )+ }
        list { $(
            $(#[doc = $ldoc:literal])+
            $list:ident = $List:ident { $($lrest:tt)* }
        )+ }
        $($others:tt)*
    ) => {
        /// Hands the signatures of all entries to a macro.
        macro_rules! for_each_signature {
            ($emit:ident) => {
                $emit! {
                    unary { $($unary = $Unary ( $($param : $kind),* );)+ }
                    binary { $($binary = $Binary;)+ }
                    three { $($three = $Three ( $second, $third );)+ }
                    list { $($list = $List;)+ }
                }
            };
        }
        pub(crate) use for_each_signature;
    };
}
for_each_op!(emit_signatures);
