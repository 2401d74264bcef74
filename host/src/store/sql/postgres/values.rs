//! Values and rows in the library's types.

use std::error::Error as StdError;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Error, Row};

use crate::store::sql::value::Value;

/// Values as the library takes them.
pub(super) fn references(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// The values of a row.
pub(super) fn of_row(row: &Row) -> Result<Vec<Value>, Error> {
    row.columns().iter().enumerate().map(|(at, column)| of_column(row, at, column.type_())).collect()
}

fn of_column(row: &Row, at: usize, column_type: &Type) -> Result<Value, Error> {
    let value = match *column_type {
        Type::INT8 => row.try_get::<_, Option<i64>>(at)?.map(Value::Integer),
        Type::INT4 => row.try_get::<_, Option<i32>>(at)?.map(|number| Value::Integer(number.into())),
        Type::BOOL => row.try_get::<_, Option<bool>>(at)?.map(|truth| Value::Integer(truth.into())),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.map(Value::Bytes),
        // The library refuses what is no text.
        _ => row.try_get::<_, Option<String>>(at)?.map(Value::Text),
    };
    Ok(value.unwrap_or(Value::Null))
}

/// Without the text, which may be a secret.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }
}

impl ToSql for Value {
    fn to_sql(&self, column: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(number) if *column == Type::INT4 => i32::try_from(*number)?.to_sql(column, out),
            Self::Integer(number) if *column == Type::BOOL => (*number != 0).to_sql(column, out),
            Self::Integer(number) => number.to_sql(column, out),
            Self::Text(text) => text.to_sql(column, out),
            Self::Bytes(bytes) => bytes.to_sql(column, out),
        }
    }

    fn accepts(column: &Type) -> bool {
        let texts = [Type::TEXT, Type::VARCHAR, Type::NAME, Type::UNKNOWN];
        [Type::INT8, Type::INT4, Type::BOOL, Type::BYTEA].contains(column) || texts.contains(column)
    }

    to_sql_checked!();
}
