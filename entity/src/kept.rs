//! JSON that is written once and never changed: copies share it, and its text is made once.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use sea_orm::FromJsonQueryResult;
use serde::ser::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

/// JSON as it was written down with the row it belongs to. What is read is not looked at before somebody asks: most who read the row
/// never do, and it is long.
#[derive(Clone, Debug, Default, FromJsonQueryResult)]
pub struct Kept(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// As it was read, which each database spaces in its own way.
    read: Option<Box<RawValue>>,
    value: OnceLock<Value>,
    /// As it is told.
    text: OnceLock<Box<RawValue>>,
}

impl From<Value> for Kept {
    fn from(value: Value) -> Self {
        Self(Arc::new(Inner { value: value.into(), ..Inner::default() }))
    }
}

impl Deref for Kept {
    type Target = Value;
    fn deref(&self) -> &Value {
        let parsed = || self.0.read.as_ref().and_then(|text| serde_json::from_str(text.get()).ok());
        self.0.value.get_or_init(|| parsed().unwrap_or_default())
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || **self == **other
    }
}

impl Eq for Kept {}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(text) = self.0.text.get() {
            return text.serialize(serializer);
        }
        let text = to_raw_value(&**self).map_err(S::Error::custom)?;
        self.0.text.get_or_init(|| text).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(Arc::new(Inner { read: Some(read), ..Inner::default() })))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_told_as_the_json_it_is_whoever_tells_it() {
        let value = json!({"b": [1, "二"], "a": null});
        let kept = Kept::from(value.clone());
        assert_eq!(serde_json::to_string(&kept).unwrap(), serde_json::to_string(&value).unwrap());
        assert_eq!(serde_json::to_string(&kept.clone()).unwrap(), value.to_string(), "also from the text made before");
        assert_eq!(serde_json::to_value(&kept).unwrap(), value);
        let read = serde_json::from_str::<Kept>(&value.to_string().replace(',', " , ")).unwrap();
        assert_eq!((read.to_string(), &read), (value.to_string(), &kept), "however it was spaced");
        assert_eq!(serde_json::to_string(&read).unwrap(), value.to_string());
        assert_eq!(serde_json::from_value::<Kept>(value.clone()).unwrap(), kept);
        assert_eq!(sea_orm::Value::from(kept), sea_orm::Value::Json(Some(Box::new(value))));
    }
}
