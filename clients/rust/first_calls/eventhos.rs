use eventhos_client::models::EventhosCredentials;
use eventhos_client::serde_json::json;
use eventhos_client::{Error, Eventhos, Options, SendEventQuery, LOCALHOST};

fn main() -> Result<(), Error> {
    let local = Options { server: LOCALHOST.to_owned(), ..Options::default() };
    let token = Eventhos::with("", local.clone()).create_token(&EventhosCredentials {
        grant_type: "client_credentials".to_owned(),
        client_id: "dev-client".to_owned(),
        client_secret: "dev-secret".to_owned(),
    })?;
    let client = Eventhos::with(&token.content.access_token, local);
    let event = json!({ "name": "Morpheush" });
    let query = SendEventQuery { event_identifier: "new-bomb-k736k3hiW7".to_owned() };
    println!("{}", client.send_event(&event, &query)?.message);
    Ok(())
}
