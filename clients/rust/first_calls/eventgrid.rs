use eventgrid_client::models::EventgridSourceCreation;
use eventgrid_client::{Error, Eventgrid, Options, LOCALHOST};

fn main() -> Result<(), Error> {
    let local = Options { server: LOCALHOST.to_owned(), ..Options::default() };
    let client = Eventgrid::with("dev-token", local);
    let project = "0123456789abcdef0123456789abcdef";
    let source = client.create_event_source(project, &EventgridSourceCreation {
        name: "my-rust-source".to_owned(),
        channel_id: "11111111-1111-4111-8111-111111111111".to_owned(),
        ..EventgridSourceCreation::default()
    })?;
    println!("{}", source.id);
    Ok(())
}
