// Runs one S3 operation against a store in memory, step by step as the pipeline does, without
// sockets and signatures: who calls and what is allowed is said by the test.
#pragma once

#include "emulator/s3/operation.hpp"
#include "emulator/store/store.hpp"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::s3::test {

// The same bytes in every run.
class FixedRandom final : public Random {
public:
    void fill(RandomStream, std::span<char> bytes) override;

private:
    std::uint64_t state_ = 1;
};

// Allows everything but the (action, resource) pairs a test denies, and remembers the questions.
class ScriptedAuthorizer final : public service::Authorizer {
public:
    Result<void> check(const service::AccessRequest& request) override;

    std::set<std::pair<std::string, std::string>> denied;
    std::vector<service::AccessRequest> asked;
};

struct Call {
    std::string method;
    std::string target; // "/bucket?location"
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
};

class Bench {
public:
    explicit Bench(std::string region = "us-east-2");

    // The response, or the error an operation answers with; never throws for an AWS error.
    Result<Response> run(const Operation& operation, const Call& call);

    // A bucket of the caller in the bench's region.
    void make_bucket(std::string_view name);
    void make_object(std::string_view bucket, std::string_view key, std::string_view etag = "e");
    bool has_object(std::string_view bucket, std::string_view key);
    // A function "worker" with this resource policy.
    void make_function(std::string_view name, std::string_view resource_policy);
    void edit(const std::function<void(store::WriteTx&)>& change);
    void look(const std::function<void(const store::ReadTx&)>& look);
    // Oldest first.
    std::vector<store::Delivery> deliveries();
    store::Bucket bucket(std::string_view name);

    std::string region;
    policy::Principal caller;
    auth::Authenticated authenticated;
    std::string source_ip = "203.0.113.9";
    UtcInstant now;
    RequestIds ids{"EXAMPLEREQID2345", "host/id+="};
    ScriptedAuthorizer authorizer;
    FixedRandom random;

private:
    std::unique_ptr<store::Store> store_;
    TimeAxis axis_;
};

// Text of the answer's body.
std::string body_of(const Response& response);
// "400 InvalidArgument: The ARN could not be parsed [ArgumentName=Queue] [ArgumentValue=x]"
std::string describe(const AwsError& error);
// describe() of the error, or "200" and the like.
std::string outcome(const Result<Response>& result);

inline constexpr std::string_view kProlog = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
inline constexpr std::string_view kNamespace = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

} // namespace benchtop::s3::test
