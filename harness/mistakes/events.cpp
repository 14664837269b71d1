// Events that come too often, or not at all.
#include "emulator/core/encoding.hpp"
#include "harness/mistakes/stories.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace benchtop::harness::mistakes {
namespace {

ClientRequest put_object(std::string_view key, std::string_view body) {
    ClientRequest put;
    put.method = "PUT";
    put.url = object_url(key);
    put.body = body;
    return put;
}

} // namespace

Story trigger_without_prefix() {
    LabOptions options;
    options.stack.buckets.front().triggers.front().prefix.clear();
    Bench bench(options);
    const Presigned made = bench.presign();
    bench.curl("The file is uploaded.", upload(made.upload_url));
    bench.show_log(
        "The worker ran twice: for the upload and for its own copy, which it skips.",
        stack::kWorkerFunction
    );
    bench.show_deliveries("Two events, two deliveries.");
    return bench.finish(
        "trigger-without-prefix",
        "The trigger was saved without a prefix.",
        "The worker's copy into processed/ creates an object in the same bucket, and so another "
        "event. Only the worker's own \"if not key.startswith\" keeps it from running for ever.",
        "Set the trigger's prefix to uploads/."
    );
}

Story worker_feeds_itself() {
    LabOptions options;
    function_of(options.stack, stack::kWorkerFunction).environment = {
        {"PROCESSED_PREFIX", "uploads/processed/"}};
    for (auto& role : options.stack.roles) {
        if (role.name == stack::kWorkerRole) {
            role.policies.front().document =
                R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",)"
                R"("Resource":"arn:aws:s3:::student-upload-bucket-aj/*"}]})";
        }
    }
    Bench bench(options);
    const Presigned made = bench.presign();
    bench.curl("One file is uploaded.", upload(made.upload_url));
    std::size_t rounds = 0;
    std::string end;
    for (const auto& card : bench.lab().deliveries()) {
        if (card.attempts > 0) {
            ++rounds;
        } else if (card.state == store::DeliveryState::Dead) {
            end = card.last_result;
        }
    }
    bench.say(fmt::format(
        "Lambda's loop detection ends it: {} invocations for one upload, then the next event is "
        "dropped: {}",
        rounds,
        end
    ));
    bench.show_handler(
        "The copy of which the worker does not hear any more.", stack::kWorkerFunction, "PUT"
    );
    return bench.finish(
        "worker-feeds-itself",
        "PROCESSED_PREFIX=uploads/processed/ on worker-move-lambda, and a role that allows it.",
        "The copy lies under the trigger's prefix, so it is an upload again: each round invokes "
        "the next. Lambda's loop detection stops it after about 16 rounds; before, it is a bill.",
        "Let the worker write outside of the trigger's prefix: PROCESSED_PREFIX=processed/."
    );
}

Story duplicate_event() {
    Bench bench;
    const Presigned made = bench.presign();
    bench.curl("The file is uploaded and moved.", upload(made.upload_url));
    bench.lab().deliver_again(made.s3_key);
    bench.wait("S3 delivers the same event once more, as it may.", seconds{1});
    bench.show_handler("The worker looks for a file that is gone.", stack::kWorkerFunction, "PUT");
    bench.list("The end is right all the same.", stack::kProcessedPrefix);
    return bench.finish(
        "duplicate-event",
        "The lab as in the handout.",
        "Events are delivered at least once. The second time the source is gone, and because the "
        "worker's role has no s3:ListBucket S3 says 403 AccessDenied, not 404: it looks like a "
        "missing permission.",
        "Nothing is lost. Let the worker take a missing source as \"already done\"; with "
        "s3:ListBucket in its role it can tell the two apart."
    );
}

Story folder_after_trigger() {
    LabOptions options;
    options.stack.buckets.front().folders = {std::string(stack::kProcessedPrefix)};
    Bench bench(options);
    bench.aws(
        "The \"folder\" uploads/ is created when the trigger already exists.",
        "aws s3api put-object --bucket student-upload-bucket-aj --key uploads/",
        put_object("uploads/", "")
    );
    bench.show_log("The worker moves it.", stack::kWorkerFunction);
    bench.list("The folder is gone again.", "");
    return bench.finish(
        "folder-event",
        "The lab with its trigger, but without the folder uploads/.",
        "S3 has no folders: the console makes an empty object whose key ends with a slash. That is "
        "an ObjectCreated event with a key under uploads/, so the worker moves it onto processed/.",
        "Create folders before the trigger (they are not needed at all), or let the worker skip "
        "keys that end with a slash."
    );
}

Story suffix_filter() {
    LabOptions options;
    options.stack.buckets.front().triggers.front().suffix = ".txt";
    Bench bench(options);
    bench.aws(
        "A picture is uploaded.",
        "aws s3 cp photo.jpg s3://student-upload-bucket-aj/uploads/photo.jpg",
        put_object("uploads/photo.jpg", "not really a picture")
    );
    bench.show_log("The worker never runs.", stack::kWorkerFunction);
    bench.show_deliveries("The delivery's card says why.");
    return bench.finish(
        "suffix-filter",
        "The trigger has the optional suffix .txt.",
        "An event that no filter matches is not sent, and nobody says a word.",
        "Name the file *.txt, or remove the suffix from the trigger."
    );
}

Story prefix_without_slash() {
    LabOptions options;
    for (auto& [name, value] : function_of(options.stack, stack::kWebFunction).environment) {
        if (name == "UPLOAD_PREFIX") {
            value = "uploads";
        }
    }
    // The role is generous, or the upload would be refused at once.
    for (auto& role : options.stack.roles) {
        if (role.name == stack::kWebRole) {
            role.policies.front().document =
                R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject",)"
                R"("Resource":"arn:aws:s3:::student-upload-bucket-aj/uploads*"}]})";
        }
    }
    Bench bench(options);
    const Presigned made = bench.presign();
    bench.curl("The upload works.", upload(made.upload_url));
    bench.show_deliveries("But no event is sent.");
    return bench.finish(
        "prefix-without-slash",
        "UPLOAD_PREFIX=uploads on web-presign-lambda, and a role that allows uploads*.",
        "A prefix is only the beginning of a key: without its slash the key is uploadsupload-..., "
        "which does not begin with uploads/.",
        "UPLOAD_PREFIX=uploads/ with its slash."
    );
}

} // namespace benchtop::harness::mistakes
