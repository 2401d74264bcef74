//! Values of statements and columns of rows, as both databases have them: integers, texts, bytes, and nothing.

/// A value. Without `Debug`: a text may be what a user keeps to himself.
#[derive(Clone, PartialEq)]
pub(in crate::store) enum Value {
    /// No value.
    Null,
    /// A whole number; truth values are 0 and 1.
    Integer(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// A type that is a value of a statement.
pub(in crate::store) trait ToValue {
    /// The value.
    fn to_value(&self) -> Value;
}

/// The values of a statement, the first for `?1`.
pub(in crate::store) trait Values {
    /// The values in their order.
    fn to_values(&self) -> Vec<Value>;
}

/// A type that a column is read as.
pub(in crate::store) trait Column: Sized {
    /// The column; `None` if it has another type.
    fn of(value: Value) -> Option<Self>;
}

/// A type that a row is read as: a column, or a tuple of columns.
pub(in crate::store) trait Columns: Sized {
    /// The row; `None` if its columns have other types or another number.
    fn of(row: Vec<Value>) -> Option<Self>;
}

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value {
        Value::Bytes(self.to_vec())
    }
}

impl ToValue for Vec<u8> {
    fn to_value(&self) -> Value {
        Value::Bytes(self.clone())
    }
}

impl ToValue for i64 {
    fn to_value(&self) -> Value {
        Value::Integer(*self)
    }
}

impl ToValue for u32 {
    fn to_value(&self) -> Value {
        Value::Integer((*self).into())
    }
}

impl ToValue for bool {
    fn to_value(&self) -> Value {
        Value::Integer((*self).into())
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_value)
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl Values for () {
    fn to_values(&self) -> Vec<Value> {
        Vec::new()
    }
}

impl Values for Vec<Value> {
    fn to_values(&self) -> Vec<Value> {
        self.clone()
    }
}

impl<T: ToValue, const N: usize> Values for [T; N] {
    fn to_values(&self) -> Vec<Value> {
        self.iter().map(T::to_value).collect()
    }
}

impl Column for String {
    fn of(value: Value) -> Option<Self> {
        if let Value::Text(text) = value { Some(text) } else { None }
    }
}

impl Column for Vec<u8> {
    fn of(value: Value) -> Option<Self> {
        if let Value::Bytes(bytes) = value { Some(bytes) } else { None }
    }
}

impl Column for i64 {
    fn of(value: Value) -> Option<Self> {
        if let Value::Integer(number) = value { Some(number) } else { None }
    }
}

impl Column for bool {
    fn of(value: Value) -> Option<Self> {
        <i64 as Column>::of(value).map(|number| number != 0)
    }
}

impl<T: Column> Column for Option<T> {
    fn of(value: Value) -> Option<Self> {
        if value == Value::Null { Some(None) } else { T::of(value).map(Some) }
    }
}

/// Rows of one column.
macro_rules! single {
    ($($type:ty),*) => { $(impl Columns for $type {
        fn of(row: Vec<Value>) -> Option<Self> {
            <($type,)>::of(row).map(|(column,)| column)
        }
    })* };
}

single!(String, Vec<u8>, i64, bool);

/// Tuples, as values and as rows.
macro_rules! tuples {
    ($($(($name:ident $at:tt))+;)+) => { $(
        impl<$($name: ToValue),+> Values for ($($name,)+) {
            fn to_values(&self) -> Vec<Value> {
                vec![$(self.$at.to_value()),+]
            }
        }

        impl<$($name: Column),+> Columns for ($($name,)+) {
            fn of(row: Vec<Value>) -> Option<Self> {
                let mut columns = row.into_iter();
                let read = ($($name::of(columns.next()?)?,)+);
                columns.next().is_none().then_some(read)
            }
        }
    )+ };
}

tuples! {
    (A 0);
    (A 0) (B 1);
    (A 0) (B 1) (C 2);
    (A 0) (B 1) (C 2) (D 3);
    (A 0) (B 1) (C 2) (D 3) (E 4);
    (A 0) (B 1) (C 2) (D 3) (E 4) (F 5);
    (A 0) (B 1) (C 2) (D 3) (E 4) (F 5) (G 6);
    (A 0) (B 1) (C 2) (D 3) (E 4) (F 5) (G 6) (H 7);
    (A 0) (B 1) (C 2) (D 3) (E 4) (F 5) (G 6) (H 7) (I 8);
    (A 0) (B 1) (C 2) (D 3) (E 4) (F 5) (G 6) (H 7) (I 8) (J 9);
}
