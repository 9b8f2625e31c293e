//! A field of a change to something that stands.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a change says of a field that may be empty: nothing (left out), take it away (`null`), or a
/// new value. Use with `#[serde(default)]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// The field stays as it is.
    #[default]
    Keep,
    /// The field becomes empty.
    Clear,
    /// The field becomes this.
    Set(T),
}

impl<T> Change<T> {
    /// What the field holds afterwards.
    pub fn over(self, held: Option<T>) -> Option<T> {
        match self {
            Self::Keep => held,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// Whether the field stays as it is.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Clear => serializer.serialize_none(),
            Self::Set(value) => serializer.serialize_some(value),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Thing {
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        name: Change<String>,
    }

    #[test]
    fn left_out_null_and_value_are_three_things() {
        for (text, change, after) in [
            ("{}", Change::Keep, Some("old")),
            (r#"{"name":null}"#, Change::Clear, None),
            (r#"{"name":"new"}"#, Change::Set("new".to_owned()), Some("new")),
        ] {
            let thing: Thing = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&thing).unwrap(), text);
            assert_eq!(thing.name, change);
            assert_eq!(thing.name.over(Some("old".to_owned())).as_deref(), after);
        }
    }
}
