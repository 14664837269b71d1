// Asynchronous invocations under the virtual clock: what a function's event-invoke-config makes of
// failures, and where results go.
#include "emulator/service/function_settings.hpp"
#include "harness/lab.hpp"
#include "harness/mistakes/bench.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::harness;
using namespace std::chrono_literals;

namespace {

std::string arn_of(std::string_view function) {
    return "arn:aws:lambda:us-east-2:111122223333:function:" + std::string(function);
}

LabOptions with_broken_worker() {
    LabOptions options;
    mistakes::drop_statement(options.stack, stack::kWorkerRole, "WriteProcessed");
    return options;
}

void configure(Lab& lab, std::string_view function, std::string_view config) {
    lab.write([&](store::WriteTx& tx) {
        const auto ref = service::parse_function_ref(arn_of(function));
        tx.put_document(service::event_invoke_config_space(*ref), store::kLatestVersion, config);
    });
}

std::string on_failure_to(std::string_view function) {
    return R"({"MaximumRetryAttempts":1,"DestinationConfig":{"OnFailure":{"Destination":")" +
           arn_of(function) + R"("}}})";
}

void let_worker_invoke(Lab& lab, std::string_view function) {
    lab.write([&](store::WriteTx& tx) {
        tx.put_inline_policy(
            store::PrincipalKind::Role,
            std::string(stack::kLabAccount),
            stack::kWorkerRole,
            {"Destination",
             R"({"Version":"2012-10-17","Statement":{"Effect":"Allow",)"
             R"("Action":"lambda:InvokeFunction","Resource":")" +
                 arn_of(function) + R"("}})"}
        );
    });
}

std::vector<store::Delivery> sent_to(Lab& lab, std::string_view function) {
    auto rows = lab.deliveries();
    std::erase_if(rows, [&](const store::Delivery& row) {
        return row.function_arn != arn_of(function);
    });
    return rows;
}

bool log_says(const Lab& lab, std::string_view text) {
    for (const auto& [level, line] : lab.log().lines()) {
        if (line.find(text) != std::string::npos) {
            return true;
        }
    }
    return false;
}

} // namespace

TEST_CASE("a moved file that cannot be moved ends at the destination of failures", "[async]") {
    Lab lab(with_broken_worker());
    configure(lab, stack::kWorkerFunction, on_failure_to(stack::kWebFunction));
    let_worker_invoke(lab, stack::kWebFunction);
    const Presigned made = lab.presign();
    REQUIRE(lab.put(made.upload_url, "x").status == 200);
    CHECK(sent_to(lab, stack::kWebFunction).empty());
    lab.pass(66s);
    const auto sent = sent_to(lab, stack::kWebFunction);
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].event_name == "OnFailure");
    CHECK(sent[0].state == store::DeliveryState::Done);
    CHECK(
        sent[0].payload.find(R"("condition":"RetriesExhausted","approximateInvokeCount":2)") !=
        std::string::npos
    );
    CHECK(sent[0].payload.find(made.s3_key) != std::string::npos);
    lab.pass(1h);
    CHECK(sent_to(lab, stack::kWebFunction).size() == 1);
}

TEST_CASE("without lambda:InvokeFunction of the role the record is dropped", "[async]") {
    Lab lab(with_broken_worker());
    configure(lab, stack::kWorkerFunction, on_failure_to(stack::kWebFunction));
    const Presigned made = lab.presign();
    REQUIRE(lab.put(made.upload_url, "x").status == 200);
    lab.pass(66s);
    CHECK(sent_to(lab, stack::kWebFunction).empty());
    CHECK(log_says(
        lab,
        "is not sent to web-presign-lambda. User: "
        "arn:aws:sts::111122223333:assumed-role/lambda-worker-role/worker-move-lambda is not "
        "authorized to perform: lambda:InvokeFunction on resource: "
        "arn:aws:lambda:us-east-2:111122223333:function:web-presign-lambda because no "
        "identity-based policy allows the lambda:InvokeFunction action"
    ));
}

TEST_CASE("an asynchronous Invoke runs once, after its commit", "[async]") {
    Lab lab;
    lab.write([&](store::WriteTx& tx) {
        tx.add_delivery(service::make_async_invocation(
            arn_of(stack::kWebFunction),
            "",
            "99999999-2222-4333-8444-555555555555",
            stack::kLabAccount,
            "",
            lab.now()
        ));
    });
    lab.settle();
    const auto rows = sent_to(lab, stack::kWebFunction);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].payload == "{}");
    CHECK(rows[0].state == store::DeliveryState::Done);
}
