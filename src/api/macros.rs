//! What every generated parameter struct and reply type has in common, so that the generated code is data alone.

/// A struct of parameters: those of the path, those that must be given, and the others, which `new` leaves out.
macro_rules! params {
    (
        $(#[$doc:meta])*
        $name:ident for $id:ident -> $reply:ty,
        path { $($path:ident: $path_type:ty = $path_name:literal),* }
        $(required { $($(#[$required_doc:meta])* $required:ident: $required_type:ty = $required_name:literal,)* })?
        $(optional { $($(#[$optional_doc:meta])* $optional:ident: $optional_type:ty = $optional_name:literal,)* })?
    ) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            $(
                #[doc = concat!("Stands for `{", $path_name, "}` in the path.")]
                pub $path: $path_type,
            )*
            $($($(#[$required_doc])* pub $required: $required_type,)*)?
            $($($(#[$optional_doc])* pub $optional: $optional_type,)*)?
        }

        impl $name {
            /// With what is required; the rest is left out.
            pub fn new($($path: $path_type,)* $($($required: $required_type),*)?) -> Self {
                Self { $($path,)* $($($required,)*)? $($($optional: Default::default(),)*)? }
            }

            $($(
                #[doc = concat!("With `", $optional_name, "`.")]
                #[must_use]
                pub fn $optional(mut self, value: impl Into<$optional_type>) -> Self {
                    self.$optional = value.into();
                    self
                }
            )*)?

            /// The call, ready to be sent.
            ///
            /// # Errors
            /// When a value cannot stand in the path.
            #[allow(unused_mut, reason = "a call without parameters needs no change")]
            pub fn call(&self) -> Result<Call, BadCall> {
                let mut call = Call::new($id.endpoint(), &[$(($path_name, self.$path.to_string())),*])?;
                $($(call.put($required_name, &self.$required);)*)?
                $($(call.put($optional_name, &self.$optional);)*)?
                Ok(call)
            }
        }

        impl Request for $name {
            type Reply = $reply;

            fn call(&self) -> Result<Call, BadCall> {
                self.call()
            }
        }
    };
}

/// A reply type: the few fields that are always there, those that may be missing, and everything else in `extra`.
macro_rules! record {
    (
        $(#[$doc:meta])*
        $name:ident
        $(keys { $($(#[$key_doc:meta])* $key:ident: $key_type:ty = $key_read:ident($key_name:literal),)* })?
        $(fields { $($(#[$field_doc:meta])* $field:ident: $field_type:ty = $field_read:ident($field_name:literal),)* })?
        extra $families:literal
    ) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            $($($(#[$key_doc])* pub $key: $key_type,)*)?
            $($($(#[$field_doc])* pub $field: $field_type,)*)?
            #[doc = concat!("Everything else that came", $families, ".")]
            pub extra: Map<String, Value>,
        }

        impl pve::FromFields for $name {
            fn read(fields: &mut pve::Fields) -> Result<Self, pve::FieldError> {
                Ok(Self {
                    $($($key: fields.$key_read($key_name)?,)*)?
                    $($($field: fields.$field_read($field_name),)*)?
                    extra: fields.rest(),
                })
            }
        }

        impl Answer for $name {
            type Wire = Self;

            fn of(wire: Self) -> Self {
                wire
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                pve::record(d)
            }
        }
    };
}
