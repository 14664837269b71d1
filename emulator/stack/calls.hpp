// Calls of AWS's operations from within a transaction, as the account's administrator would make
// them: a template is held to every rule a client is held to, because it goes the same way.
#pragma once

#include "emulator/core/time_axis.hpp"
#include "emulator/policy/principal.hpp"
#include "emulator/ports/random.hpp"
#include "emulator/service/operation.hpp"
#include "emulator/store/tx.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::stack {

class Calls {
public:
    // `tables` are the control planes', by the name in their credential scope.
    Calls(
        store::WriteTx& tx,
        UtcInstant now,
        Random& random,
        std::string_view account,
        std::string_view region,
        std::span<const service::ServiceTable> tables
    );

    // S3: `target` is "/bucket?policy".
    Result<void> s3(std::string_view method, std::string_view target, std::string_view document);
    // Query: IAM.
    Result<Response> query(
        std::string_view service,
        std::string_view operation,
        const std::vector<std::pair<std::string, std::string>>& parameters
    );
    // REST-JSON: Lambda, API Gateway. `labels` are the values of the path's.
    Result<Response> rest(
        std::string_view service,
        std::string_view operation,
        std::vector<std::string> labels,
        boost::json::object body,
        std::string_view query = {}
    );

private:
    Result<Response> run(const service::Operation& operation, service::Call& call);
    const service::Operation* find(std::string_view service, std::string_view operation) const;
    service::OpContext context(UtcInstant at);

    store::WriteTx& tx_;
    UtcInstant now_;
    Random& random_;
    std::string region_;
    policy::Principal caller_;
    TimeAxis axis_;
    RequestIds ids_;
    std::span<const service::ServiceTable> tables_;
};

} // namespace benchtop::stack
