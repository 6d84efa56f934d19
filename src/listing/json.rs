//! The JSON that the vendor's command line prints.

use serde::Deserialize;
use serde_json::error::Category;

use super::error::{ListingError, RowProblem};
use super::scalar::{Object, Scalar};
use super::{Entry, Row, RowId, cell, when};
use crate::domain::id::excerpt;
use crate::domain::instance::{Edition, Switch};

const IN_SERVICE: &str = "Data.InstanceVO";
const BASE_INFO: &str = "InstanceBaseInfo";

/// Any of the documents an instance can come in. Unknown fields are none of our business.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    data: Option<Object<Data>>,
    #[serde(rename = "InstanceVO")]
    instance_vo: Option<Vec<Object<Instance>>>,
    instance_base_info: Option<Object<Instance>>,
    instance_id: Option<Scalar>,
    #[serde(default)]
    code: Scalar,
    #[serde(default)]
    message: Scalar,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "InstanceVO")]
    instance_vo: Option<Vec<Object<Instance>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Instance {
    #[serde(default)]
    instance_id: Scalar,
    #[serde(default)]
    instance_name: Scalar,
    #[serde(default)]
    instance_type: Scalar,
    #[serde(default)]
    instance_status: Scalar,
    #[serde(default)]
    release_time: Scalar,
    #[serde(default)]
    max_tps: Scalar,
    #[serde(default)]
    topic_count: Scalar,
    #[serde(default)]
    group_count: Scalar,
    #[serde(default, rename = "spInstanceId")]
    commodity_id: Scalar,
}

/// Reads the rows, each named by its path.
pub(super) fn rows(text: &str) -> Result<Vec<Row>, ListingError> {
    if text.trim_start().starts_with('[') {
        return Ok(listed("", parse(text)?));
    }
    let Object(document): Object<Document> = parse(text)?;
    let listing = document.data.and_then(|Object(data)| data.instance_vo);
    if let Some(instances) = listing {
        Ok(listed(IN_SERVICE, instances))
    } else if let Some(instances) = document.instance_vo {
        Ok(listed("InstanceVO", instances))
    } else if let Some(Object(instance)) = document.instance_base_info {
        Ok(vec![row(BASE_INFO.to_owned(), &instance)])
    } else if document.instance_id.is_some() {
        let Object(instance) = parse(text)?;
        Ok(vec![row("the instance".to_owned(), &instance)])
    } else if document.code.is_nothing() {
        Err(ListingError::NoInstances)
    } else {
        let (code, message) = (document.code.shown(), document.message.shown());
        Err(answer(&code, &message))
    }
}

/// What to say of an error of the vendor's API.
pub(super) fn answer(code: &str, message: &str) -> ListingError {
    let way_out = if code.starts_with("Throttling") {
        "wait a minute and fetch the listing again"
    } else if code.starts_with("AUTH_")
        || code.contains("NoPermission")
        || code.contains("Forbidden")
    {
        "let somebody fetch it who may read the instances (mq:QueryInstanceBaseInfo)"
    } else if code.starts_with("BIZ_REGION") {
        "name the right --region and fetch it again"
    } else {
        "put that right and fetch the listing again"
    };
    ListingError::Answer {
        code: excerpt(code),
        message: excerpt(message),
        way_out,
    }
}

fn listed(path: &str, instances: Vec<Object<Instance>>) -> Vec<Row> {
    let numbered = instances.iter().enumerate();
    numbered
        .map(|(number, Object(instance))| row(format!("{path}[{number}]"), instance))
        .collect()
}

fn row(place: String, instance: &Instance) -> Row {
    Row {
        place,
        id_text: excerpt(&instance.instance_id.shown()),
        entry: entry(instance),
    }
}

fn entry(instance: &Instance) -> Result<Entry, RowProblem> {
    let mut entry = Entry::of(cell::id(instance.instance_id.text("InstanceId")?)?);
    if entry.id == RowId::Series5 {
        return Ok(entry);
    }
    entry.edition = edition(&instance.instance_type)?;
    entry.busy = busy(&instance.instance_status)?;
    if entry.edition != Some(Edition::Standard) {
        entry.expires = expiry(&instance.release_time)?;
    }
    entry.name = cell::parsed("InstanceName", instance.instance_name.text("InstanceName")?)?;
    entry.max_tps = size(&instance.max_tps)?;
    entry.topics = count("TopicCount", &instance.topic_count)?;
    entry.groups = count("GroupCount", &instance.group_count)?;
    let commodity_id = instance.commodity_id.text("spInstanceId")?;
    entry.commodity_id = cell::parsed("spInstanceId", commodity_id)?;
    Ok(entry)
}

fn edition(given: &Scalar) -> Result<Option<Edition>, RowProblem> {
    match given.number() {
        Some(1) => Ok(Some(Edition::Standard)),
        Some(2) => Ok(Some(Edition::Platinum)),
        None if given.is_nothing() => Ok(None),
        Some(_) | None => Err(RowProblem::Word {
            field: "InstanceType",
            given: excerpt(&given.shown()),
            allowed: "1 (Standard), 2 (Platinum)",
            nearest: None,
        }),
    }
}

/// Deploying and upgrading are busy, overdue and running are not; what other numbers mean is not documented.
fn busy(given: &Scalar) -> Result<Option<Switch>, RowProblem> {
    match given.number() {
        Some(0 | 7) => Ok(Some(Switch::On)),
        Some(2 | 5) => Ok(Some(Switch::Off)),
        Some(_) => Ok(None),
        None if given.is_nothing() => Ok(None),
        None => Err(RowProblem::Number {
            field: "InstanceStatus",
            given: excerpt(&given.shown()),
            least: 0,
            most: i64::from(i32::MAX),
        }),
    }
}

fn expiry(given: &Scalar) -> Result<Option<crate::domain::Timestamp>, RowProblem> {
    match given.number() {
        Some(0) => Ok(None),
        None if given.is_nothing() => Ok(None),
        number => match number.and_then(when::at) {
            Some(moment) => Ok(Some(moment)),
            None => Err(RowProblem::ReleaseTime(excerpt(&given.shown()))),
        },
    }
}

fn count(field: &'static str, given: &Scalar) -> Result<Option<u32>, RowProblem> {
    if given.is_nothing() {
        return Ok(None);
    }
    let count = given.number().and_then(|number| u32::try_from(number).ok());
    count
        .map(Some)
        .ok_or_else(|| cell::not_count(field, &given.shown()))
}

fn size(given: &Scalar) -> Result<Option<u32>, RowProblem> {
    match given.number() {
        Some(0) => Ok(None),
        None if given.is_nothing() => Ok(None),
        number => match number.and_then(|number| u32::try_from(number).ok()) {
            Some(size) => Ok(Some(size)),
            None => Err(cell::not_size("MaxTps", &given.shown())),
        },
    }
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ListingError> {
    let mut from = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut from).map_err(|error| {
        let path = error.path().to_string();
        broken(&path, error.inner())
    })?;
    from.end().map_err(|error| ListingError::JsonTrailing {
        line: error.line(),
        column: error.column(),
    })?;
    Ok(value)
}

fn broken(path: &str, error: &serde_json::Error) -> ListingError {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Eof => ListingError::JsonTruncated { line, column },
        Category::Syntax | Category::Io => ListingError::JsonSyntax { line, column },
        Category::Data => ListingError::JsonType {
            path: excerpt(path),
            line,
            column,
            expected: expected(path),
        },
    }
}

/// What belongs at a path. Single values are never mistyped here: their rows say what is wrong with them.
fn expected(path: &str) -> &'static str {
    if path.ends_with("InstanceVO") {
        "a list of instances"
    } else if path == "Data" {
        "an object with InstanceVO"
    } else {
        "an instance (an object with InstanceId)"
    }
}
