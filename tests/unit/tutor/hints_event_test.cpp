#include "emulator/tutor/hint_texts.hpp"
#include "emulator/tutor/hints.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::tutor;

namespace {

EventObservation upload() {
    EventObservation seen;
    seen.key = "uploads/x.txt";
    seen.event_name = "ObjectCreated:Put";
    seen.function_arn = "arn:aws:lambda:us-east-2:111122223333:function:worker-move-lambda";
    seen.has_rule = true;
    seen.rule_prefix = "uploads/";
    return seen;
}

std::string mistake(const EventObservation& seen) {
    const auto said = hint_for(seen);
    return said ? said->mistake : "";
}

// As a function's error document quotes it.
std::string denial(std::string_view action, std::string_view resource) {
    return R"({"errorMessage":"An error occurred (AccessDenied): User: arn:aws:sts::111122223333:assumed-role/lambda-worker-role/worker-move-lambda is not authorized to perform: )" +
           std::string(action) + R"( on resource: \")" + std::string(resource) +
           R"(\" because no identity-based policy allows the action"})";
}

} // namespace

TEST_CASE("an ordinary upload and the worker's filtered copy need no hint", "[tutor][event]") {
    CHECK(mistake(upload()).empty());
    EventObservation copy = upload();
    copy.key = "processed/x.txt";
    copy.event_name = "ObjectCreated:Copy";
    copy.function_arn = "";
    CHECK(mistake(copy).empty());
    EventObservation removed = upload();
    removed.event_name = "ObjectRemoved:Delete";
    removed.rule_prefix = "";
    CHECK(mistake(removed).empty());
    EventObservation anywhere = upload();
    anywhere.rule_prefix = "";
    CHECK(mistake(anywhere).empty());
}

TEST_CASE(
    "a trigger without a prefix that hears the worker's copy is recognised", "[tutor][event]"
) {
    EventObservation copy = upload();
    copy.key = "processed/x.txt";
    copy.event_name = "ObjectCreated:Copy";
    copy.rule_prefix = "";
    CHECK(mistake(copy) == "trigger-without-prefix");
}

TEST_CASE(
    "a worker that hears of its own copies is recognised, other copies are not", "[tutor][event]"
) {
    EventObservation copy = upload();
    copy.key = "uploads/done/x.txt";
    copy.event_name = "ObjectCreated:Copy";
    CHECK(mistake(copy).empty()); // somebody copied a file into uploads/: an upload like any other
    copy.by_function = true;
    CHECK(mistake(copy) == "worker-feeds-itself");
    EventObservation put = upload();
    put.by_function = true;
    CHECK(mistake(put).empty());
}

TEST_CASE("a folder made after the trigger is recognised", "[tutor][event]") {
    EventObservation folder = upload();
    folder.key = "uploads/";
    CHECK(mistake(folder) == "folder-event");
}

TEST_CASE("an event delivered twice is told from a missing permission", "[tutor][event]") {
    const std::string list = denial("s3:ListBucket", "arn:aws:s3:::b");
    EventObservation twice = upload();
    twice.error = list;
    twice.source_gone = true;
    CHECK(mistake(twice) == "duplicate-event");
    const std::string read = denial("s3:GetObject", "arn:aws:s3:::b/uploads/x.txt");
    EventObservation role = upload();
    role.error = read;
    const auto said = hint_for(role);
    REQUIRE(said);
    CHECK(said->mistake == "permission-missing");
    CHECK(contains(said->cause, "lambda-worker-role lacks s3:GetObject"));
    CHECK(contains(
        said->fix,
        R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/uploads/*"})"
    ));
}

TEST_CASE("a key the trigger's filter left out is explained", "[tutor][event]") {
    EventObservation image = upload();
    image.function_arn = "";
    image.key = "uploads/x.png";
    image.rule_suffix = ".txt";
    CHECK(mistake(image) == "suffix-filter");
    EventObservation glued = upload();
    glued.function_arn = "";
    glued.key = "uploadsupload-1.txt";
    CHECK(mistake(glued) == "prefix-without-slash");
    glued.has_rule = false;
    CHECK(mistake(glued).empty());
}
