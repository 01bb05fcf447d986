//! This machine's devices, for other processes and machines.

use super::{Error, Result, Writer};
use crate::{DeviceName, RemoteName};
use burn::server::{IrohIdentity, IrohRelays, IrohTransport, RemoteServer, TokenAuthorizer};
use burn::tensor::Device;
use clap::Args;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Serves devices until it is told to stop. Their names go to stdout: `--device` takes them elsewhere.
///
/// Connections are encrypted, and a client knows the server by the id in the name. Clients show the token that the
/// variable NNSIGHT_TOKEN holds on both sides.
#[derive(Args, Clone, Debug)]
pub struct Host {
    /// The UDP port to listen on, at all of this machine's addresses
    #[arg(long, default_value_t = 4433)]
    pub port: u16,
    /// The address that the printed names have, by which clients reach this machine
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub address: IpAddr,
    /// A file with the server's private key, made if it is not there: with it the names stay the same
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Serve whoever knows a name, without a token
    #[arg(long)]
    pub without_token: bool,
}

impl Host {
    /// Serves the devices.
    ///
    /// # Errors
    ///
    /// [`Error::Host`] without a token, for devices of different kinds, or for a port that is taken;
    /// [`Error::File`] for a key that cannot be read.
    pub fn run(&self, devices: Vec<Device>, out: Writer<'_>) -> Result<()> {
        let identity = match &self.key {
            Some(file) => IrohIdentity::load_or_create(file).map_err(|source| Error::File {
                what: "read the key",
                file: file.clone(),
                source,
            })?,
            None => IrohIdentity::random(),
        };
        let transport = IrohTransport::new(identity)
            .with_relays(IrohRelays::Disabled)
            .with_port(self.port);
        let names = (0..devices.len()).map(|number| {
            DeviceName::Remote(RemoteName {
                server: *transport.id().as_bytes(),
                address: SocketAddr::new(self.address, self.port),
                number,
            })
        });
        let names: Vec<DeviceName> = names.collect();
        let server = self.authorized(RemoteServer::new(devices))?;
        for name in names {
            writeln!(out, "{name}").map_err(Error::Output)?;
        }
        out.flush().map_err(Error::Output)?;
        server.serve(transport).map_err(|error| Error::Host {
            reason: error.to_string(),
        })
    }

    fn authorized(&self, server: RemoteServer) -> Result<RemoteServer> {
        let reason = match std::env::var("NNSIGHT_TOKEN") {
            _ if self.without_token => return Ok(server),
            Ok(token) => match TokenAuthorizer::new(token) {
                Ok(authorizer) => return Ok(server.with_authorizer(authorizer)),
                Err(error) => error.to_string(),
            },
            Err(_) => String::from(
                "set NNSIGHT_TOKEN to a secret that clients have too, or say --without-token to serve whoever knows a \
                 name",
            ),
        };
        Err(Error::Host { reason })
    }
}
