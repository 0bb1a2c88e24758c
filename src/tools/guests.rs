//! The tools for guests, a file each: what the tool takes and gives, and how it begins.

pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;
pub(super) mod restart;
pub(super) mod start;
pub(super) mod stop;
#[cfg(test)]
mod tests;

/// A tool for guests of one kind, by the `input`, `output` and `run` of its file. The first endpoint is the one whose
/// parameters its own are narrowed from. Each endpoint is named by its generated id, so that one which vanishes from the
/// schema is a compile error at its line.
macro_rules! guest_tool {
    ($name:literal, $kind:ident, $action:ident, $title:ident, $text:ident, [$schema:ident $(, $call:ident)* $(,)?]) => {
        $crate::tools::tool::Tool {
            profile: $crate::tools::profile::Profile {
                name: $name,
                toolset: $crate::tools::profile::Toolset::Guests,
                effect: $crate::tools::profile::Action::$action.effect(),
                calls: &[$crate::api::$schema $(, $crate::api::$call)*],
                // A list is open to everyone and filtered by VM.Audit.
                needs: if matches!($crate::tools::profile::Action::$action, $crate::tools::profile::Action::List) {
                    &[]
                } else {
                    &[$crate::api::$schema $(, $crate::api::$call)*]
                },
                guests: Some((
                    $crate::tools::guest::GuestKind::$kind,
                    $crate::tools::profile::Action::$action,
                )),
            },
            title: |texts| texts.$title(),
            text: |texts| texts.$text(),
            input: |texts| {
                let mut shown = $crate::tools::schema::Arguments::of($crate::api::$schema);
                input(&mut shown, $crate::tools::guest::GuestKind::$kind, texts);
                shown.out
            },
            output,
            run: |call| Box::pin(run(call, $crate::tools::guest::GuestKind::$kind)),
            held: std::sync::OnceLock::new(),
        }
    };
}
use guest_tool;
