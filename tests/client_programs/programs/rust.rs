use std::sync::atomic::{AtomicU32, Ordering};

use std::task::{Context, Poll};
use std::time::Duration;

use charon_client::hyper_util::client::legacy::connect::HttpConnector;
use charon_client::hyper_util::client::legacy::Client;
use charon_client::hyper_util::rt::TokioExecutor;
use charon_client::models::CharonError;
use charon_client::ureq::middleware::MiddlewareNext;
use charon_client::ureq::{self, http, Agent, SendBody};
use charon_client::{AsyncAgent, AsyncCharon, Charon, Error, ListExecutionsQuery, Options};
use tower_service::Service;

static HOOKED: AtomicU32 = AtomicU32::new(0);

/// Counts the requests that are sent.
fn counted(
    request: http::Request<SendBody>,
    next: MiddlewareNext,
) -> Result<http::Response<ureq::Body>, ureq::Error> {
    HOOKED.fetch_add(1, Ordering::Relaxed);
    next.handle(request)
}

/// Counts the requests that are sent without blocking.
#[derive(Clone)]
struct Counting(Client<HttpConnector, String>);

impl Service<http::Request<String>> for Counting {
    type Response = <Client<HttpConnector, String> as Service<http::Request<String>>>::Response;
    type Error = <Client<HttpConnector, String> as Service<http::Request<String>>>::Error;
    type Future = <Client<HttpConnector, String> as Service<http::Request<String>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<String>) -> Self::Future {
        HOOKED.fetch_add(1, Ordering::Relaxed);
        self.0.call(request)
    }
}

fn hooked() -> u32 {
    HOOKED.load(Ordering::Relaxed)
}

fn failure<T>(result: Result<T, Error>) -> Error {
    let error = result.err().expect("a failure");
    println!("text {error} {error:?}");
    error
}

fn broken_off<T>(item: Result<T, Error>, before: u32) -> u32 {
    assert!(matches!(failure(item), Error::Answer(error) if error.body.contains("345")));
    hooked() - before
}

fn main() {
    let agent: Agent = Agent::config_builder().middleware(counted).build().into();
    let options = Options { server: "${away}".to_owned(), agent: Some(agent), ..Options::default() };
    let client = Charon::with("top-secret", options.clone());
    println!("text {} {options:?}", format!("{client:?} {client:#?}").replace('\n', " "));
    if let Error::Api(refused) = failure(client.get_cron("a-cron")) {
        let asked = refused.headers["Retry-After"].to_str().expect("a text");
        println!("refused {} {} {asked} {}", refused.status, refused.code, hooked());
        let typed: CharonError = refused.body_as().expect("a refusal");
        println!("typed {}", typed.message);
    }
    failure(client.get_cron("dated"));
    println!("dated {}", hooked());
    failure(client.get_cron("never"));
    println!("never {}", hooked());
    for wrong in ["nothing", "empty"] {
        if let Error::Answer(answered) = failure(client.get_cron(wrong)) {
            println!("{wrong} {}", answered.body);
        }
    }
    if let Error::Answer(broken) = failure(client.get_cron("broken")) {
        println!("answer {}", broken.body);
    }
    let before = hooked();
    let query = ListExecutionsQuery::default();
    for item in client.list_executions_all("circle", &query) {
        match item {
            Ok(execution) => println!("page {} {}", hooked() - before, execution.id),
            broken => println!("circle {}", broken_off(broken, before)),
        }
    }
    assert!(client.list_executions_all("circle", &query).next().is_some());
    println!("page {}", hooked() - before);
    if let Error::Api(moved) = failure(client.can_start("moved")) {
        println!("moved {}", moved.status);
        let untyped = failure(moved.body_as::<CharonError>());
        println!("typed {}", matches!(untyped, Error::Answer(_)));
    }
    let nowhere = Options { server: "http://127.0.0.1:9".to_owned(), ..Options::default() };
    if let Error::Network(unreached) = failure(Charon::with("top-secret", nowhere).get_cron("a-cron")) {
        println!("network {}", unreached.is_timeout);
    }
    for server in ["http://someone:top-secret@127.0.0.1:9", "http://127.0.0.1:9/?key=top-secret"] {
        let options = Options { server: server.to_owned(), ..Options::default() };
        let client = Charon::with("top-secret", options.clone());
        println!("text {options:?} {client:?}");
        let wrong = failure(client.get_cron("a-cron"));
        let is_network = matches!(wrong, Error::Network(_));
        println!("server {}", is_network && wrong.to_string().contains("@?#"));
    }
    let hasty = Options { timeout: Duration::from_millis(500), ..options.clone() };
    if let Error::Network(stalled) = failure(Charon::with("top-secret", hasty).get_cron("stalled")) {
        println!("stalled {}", stalled.is_timeout);
    }
    failure(Charon::with("top-secret\n", options).get_cron("a-cron"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(call_without_blocking());
}

async fn call_without_blocking() {
    HOOKED.store(0, Ordering::Relaxed);
    let agent = AsyncAgent::new(Counting(Client::builder(TokioExecutor::new()).build_http()));
    let server = "${away}".to_owned();
    let options = Options { server, async_agent: Some(agent), ..Options::default() };
    let client = AsyncCharon::with("top-secret", options.clone());
    println!("text {client:?} {options:?}");
    if let Error::Api(refused) = failure(client.get_cron("a-cron").await) {
        println!("async {} {} {}", refused.status, refused.code, hooked());
    }
    failure(client.get_cron("never").await);
    if let Error::Answer(broken) = failure(client.get_cron("broken").await) {
        println!("async {}", broken.body);
    }
    let query = ListExecutionsQuery::default();
    let mut circle = client.list_executions_all("circle", &query);
    while let Some(item) = circle.next().await {
        match item {
            Ok(execution) => println!("async page {} {}", hooked(), execution.id),
            broken => println!("async circle {}", broken_off(broken, 0)),
        }
    }
    if let Error::Api(moved) = failure(client.can_start("moved").await) {
        println!("async {}", moved.status);
    }
    let nowhere = Options { server: "http://127.0.0.1:9".to_owned(), ..Options::default() };
    let hasty = Options { timeout: Duration::from_millis(200), ..options.clone() };
    for (id, options) in [("a-job", nowhere), ("late", hasty)] {
        let client = AsyncCharon::with("top-secret", options);
        if let Error::Network(unreached) = failure(client.can_start(id).await) {
            println!("async {}", unreached.is_timeout);
        }
    }
    failure(AsyncCharon::with("top-secret\n", options).get_cron("a-cron").await);
}
