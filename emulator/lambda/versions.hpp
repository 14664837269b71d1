// Published versions: what $LATEST was when it was published, unchangeable.
#pragma once

#include "emulator/service/context.hpp"
#include "emulator/store/tx.hpp"

#include <optional>
#include <string>

namespace benchtop::lambda {

// Makes the next version of `latest` and gives it; gives the newest version again when nothing has
// changed since (PublishVersion, Lambda API reference).
store::Function publish_latest(
    store::WriteTx& tx,
    store::Function latest,
    const std::optional<std::string>& description,
    const service::OpContext& context
);

} // namespace benchtop::lambda
