//! Who does what in the shop and around it.

mod cashier;
mod customer;
mod forger;
mod nature;
mod owner;
