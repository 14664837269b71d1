// What follows from an account's number. Accounts are in no table: they exist as soon as they are
// named, so their ids are made from the number and lead back to it.
#pragma once

#include "emulator/store/rows.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::store {

Account derive_account(std::string_view id);

// The account number behind a canonical user id; nullopt when it is the id of no account.
std::optional<std::string> account_of_canonical_id(std::string_view canonical_id);

} // namespace benchtop::store
