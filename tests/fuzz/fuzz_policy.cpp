// Policy documents are hostile text: whatever they hold, parsing answers and evaluation ends.
#include "emulator/policy/evaluate.hpp"

#include <cstdint>
#include <memory>

using namespace benchtop;
using namespace benchtop::policy;

extern "C" const char* const* benchtop_fuzz_seeds() {
    static const char* const seeds[] = {
        R"({"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:Get*",)"
        R"("Resource":"arn:aws:s3:::b/${aws:userid, 'x'}*?","Condition":{"StringLike":)"
        R"({"s3:prefix":["u*","${*}"]},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}]})",
        R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","NotPrincipal":{"AWS":["*",)"
        R"("arn:aws:iam::111122223333:role/r"],"Service":"s3.amazonaws.com"},"NotAction":"s3:*",)"
        R"("NotResource":"*","Condition":{"ForAllValues:DateLessThanIfExists":)"
        R"({"aws:CurrentTime":"2026-02-21"},"Null":{"x":true},"NumericEquals":{"n":1e3}}}})",
        R"({"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},)"
        R"("Action":"sts:AssumeRole"}})",
        nullptr};
    return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    Principal caller;
    caller.kind = Principal::Kind::AssumedRole;
    caller.account = "111122223333";
    caller.arn = "arn:aws:sts::111122223333:assumed-role/r/s";
    caller.role_arn = "arn:aws:iam::111122223333:role/r";
    caller.user_id = "AROAEXAMPLEEXAMPLE234:s";
    ConditionContext context;
    context.add("aws:SourceIp", "203.0.113.7");
    context.add("aws:CurrentTime", "2026-02-21T00:17:57Z");
    context.add("s3:prefix", "uploads/");
    const Request request{"s3:GetObject", "arn:aws:s3:::b/uploads/a", "", caller, context};
    for (const auto kind : {PolicyKind::Identity, PolicyKind::Resource, PolicyKind::Trust}) {
        auto parsed = parse_policy(text, kind);
        if (!parsed) {
            continue;
        }
        const NamedPolicy named{std::make_shared<const Policy>(*std::move(parsed)), "fuzzed", ""};
        PolicySet set;
        if (kind == PolicyKind::Identity) {
            set.identity.push_back(named);
        } else {
            set.resource = named;
        }
        const Decision decision = evaluate(request, set);
        if (!decision.allowed()) {
            denial_message(request, decision, MessageStyle::S3);
        }
    }
    return 0;
}
