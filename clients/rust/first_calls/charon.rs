use charon_client::{Charon, Error, Options, LOCALHOST};

fn main() -> Result<(), Error> {
    let local = Options { server: LOCALHOST.to_owned(), ..Options::default() };
    let client = Charon::with("dev-charon-key", local);
    let started = client.start_execution("1")?;
    println!("{}", started.id);
    Ok(())
}
