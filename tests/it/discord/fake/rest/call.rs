//! One request, read whole.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::HeaderName;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use serde_json::Value;

use crate::discord::fake::record::Authorization;
use crate::discord::fake::rejection::{INVALID_JSON, NOT_FOUND, Rejection, TOO_LARGE};
use crate::discord::fake::world::{File, World};

/// The most a request may hold.
const LIMIT: usize = 25 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// Below `/api/v10`, percent-decoded.
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Value,
    pub(crate) files: Vec<File>,
    pub(crate) agent: String,
    token: Option<String>,
}

impl Call {
    pub(crate) async fn read(request: Request) -> Result<Self, Rejection> {
        let token = header(&request, &AUTHORIZATION);
        let agent = header(&request, &USER_AGENT);
        let kind = header(&request, &CONTENT_TYPE).unwrap_or_default();
        let mut call = Self {
            method: request.method().to_string(),
            path: path(request.uri().path())?,
            query: query(request.uri().query().unwrap_or_default()),
            body: Value::Null,
            files: Vec::new(),
            agent: agent.unwrap_or_default(),
            token,
        };
        if kind.starts_with("multipart/form-data") {
            call.read_form(request).await?;
        } else {
            let bytes = to_bytes(request.into_body(), LIMIT).await;
            call.read_json(&bytes.map_err(|_| TOO_LARGE)?, &kind)?;
        }
        Ok(call)
    }

    fn read_json(&mut self, bytes: &Bytes, kind: &str) -> Result<(), Rejection> {
        if bytes.is_empty() {
            return Ok(());
        }
        if !kind.starts_with("application/json") {
            return Err(INVALID_JSON.into());
        }
        self.body = serde_json::from_slice(bytes).map_err(|_| INVALID_JSON)?;
        Ok(())
    }

    async fn read_form(&mut self, request: Request) -> Result<(), Rejection> {
        let limited = axum::extract::DefaultBodyLimit::max(LIMIT);
        let mut request = request;
        limited.apply(&mut request);
        let form = Multipart::from_request(request, &()).await;
        let mut form = form.map_err(|_| INVALID_JSON)?;
        while let Some(field) = form.next_field().await.map_err(|_| INVALID_JSON)? {
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().unwrap_or_default().to_owned();
            let kind = field
                .content_type()
                .unwrap_or("application/octet-stream")
                .to_owned();
            let bytes = field.bytes().await.map_err(|_| TOO_LARGE)?;
            if name == "payload_json" {
                self.body = serde_json::from_slice(&bytes).map_err(|_| INVALID_JSON)?;
            } else {
                self.files.push(File {
                    name: file,
                    kind,
                    bytes: bytes.to_vec(),
                });
            }
        }
        Ok(())
    }

    pub(crate) fn asks(&self, key: &str) -> Option<&str> {
        let found = self.query.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn authorization(&self, world: &World) -> Authorization {
        match &self.token {
            None => Authorization::None,
            Some(token) if token.strip_prefix("Bot ") == Some(world.options.token.as_str()) => {
                Authorization::Bot
            }
            Some(_) => Authorization::Wrong,
        }
    }

    /// The path without what nobody should read.
    pub(crate) fn shown_path(&self) -> String {
        let secret = match self.path.first().map(String::as_str) {
            Some("interactions" | "webhooks") => 2,
            _ => usize::MAX,
        };
        let mut shown = String::new();
        for (at, part) in self.path.iter().enumerate() {
            shown.push('/');
            shown.push_str(if at == secret { ":token" } else { part });
        }
        shown
    }
}

fn header(request: &Request, name: &HeaderName) -> Option<String> {
    let value = request.headers().get(name)?;
    value.to_str().ok().map(str::to_owned)
}

/// The API is version 10 and nothing else; files are served from beside it.
fn path(path: &str) -> Result<Vec<String>, Rejection> {
    let below = match path.strip_prefix("/api/v10/") {
        Some(below) => below,
        None if path.starts_with("/attachments/") => path,
        None => return Err(NOT_FOUND.into()),
    };
    Ok(below
        .split('/')
        .filter(|part| !part.is_empty())
        .map(|part| {
            percent_encoding::percent_decode_str(part)
                .decode_utf8_lossy()
                .into_owned()
        })
        .collect())
}

fn query(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}
