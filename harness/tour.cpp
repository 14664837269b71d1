#include "harness/tour.hpp"

#include "emulator/core/encoding.hpp"
#include "harness/lab.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace benchtop::harness {
namespace {

class Teller {
public:
    void heading(std::string_view text) { out_ += fmt::format("\n{}. {}\n", ++chapter_, text); }

    void say(std::string_view text) { out_ += fmt::format("   {}\n", text); }

    void fact(std::string_view name, std::string_view value) {
        out_ += fmt::format("     {:<28} {}\n", name, value);
    }

    void command(std::string_view text) { out_ += fmt::format("   $ {}\n", text); }

    void answer(const ClientResponse& response) {
        fact("answer", fmt::format("{} {}", response.status, reason_phrase(response.status)));
    }

    // What must be true; a lie ends the tour badly.
    void check(bool holds, std::string_view claim) {
        out_ += fmt::format("   {} {}\n", holds ? "[ok]" : "[NOT TRUE]", claim);
        good_ = good_ && holds;
    }

    Tour finish() && {
        out_ += good_ ? "\nEverything was as it should be.\n"
                      : "\nSomething was not as it should be; see the lines above.\n";
        return {std::move(out_), good_};
    }

private:
    std::string out_ = "The lab, on a fresh Benchtop in memory: nothing leaves this process.\n";
    int chapter_ = 0;
    bool good_ = true;
};

std::string shortened(std::string_view text) {
    constexpr std::size_t kWhole = 40;
    return text.size() <= kWhole ? std::string(text)
                                 : std::string(text.substr(0, 16)) + "..." +
                                       std::string(text.substr(text.size() - 8));
}

void tell_url(Teller& teller, const Presigned& made) {
    teller.heading("The upload URL, taken apart");
    const std::string_view url = made.upload_url;
    const auto mark = url.find('?');
    const Query query = Query::parse(mark == std::string_view::npos ? "" : url.substr(mark + 1));
    teller.fact("where to", url.substr(0, mark));
    for (const auto& parameter : query.parameters()) {
        teller.fact(parameter.name, shortened(parameter.value));
    }
    const auto signed_at = parse_amz_date(query.get("X-Amz-Date"));
    const auto lifetime = parse_u64(query.get("X-Amz-Expires"));
    const std::string_view credential = query.get("X-Amz-Credential");
    teller.say(
        "The web function signed it with the temporary key of its role: " +
        std::string(credential.substr(0, credential.find('/'))) + "."
    );
    teller.check(signed_at && lifetime == 300, "it is good for 300 seconds");
    if (signed_at && lifetime) {
        teller.fact(
            "good until", to_iso8601_s(*signed_at + seconds{static_cast<std::int64_t>(*lifetime)})
        );
    }
    teller.check(
        query.get("X-Amz-SignedHeaders") == "host", "only the host is signed: any Content-Type goes"
    );
}

void tell_upload(Teller& teller, Lab& lab, const Presigned& made, std::string_view body) {
    teller.heading("Upload to S3");
    teller.command("curl -i -X PUT \"$UPLOAD_URL\" --data-binary \"" + std::string(body) + '"');
    const ClientResponse response = lab.put(made.upload_url, std::string(body));
    teller.answer(response);
    for (const auto& [name, value] : response.headers.entries()) {
        teller.fact(name, value);
    }
    teller.check(response.status == 200, "S3 took the file");
}

void tell_event(Teller& teller, Lab& lab, const Presigned& made) {
    teller.heading("S3 tells the worker");
    const store::Delivery* upload = nullptr;
    const auto cards = lab.deliveries();
    for (const auto& card : cards) {
        if (card.key == made.s3_key) {
            upload = &card;
        }
    }
    teller.check(upload != nullptr, "the upload raised an event");
    if (upload == nullptr) {
        return;
    }
    teller.say("The record, as the function got it:");
    teller.say(upload->payload);
    teller.fact("why the worker", upload->explanation);
    teller.check(
        upload->state == store::DeliveryState::Done && upload->attempts == 1,
        "the worker took it at the first attempt"
    );
    teller.heading("The worker moves the file");
    teller.command("benchtop logs " + std::string(stack::kWorkerFunction));
    bool started = false;
    bool reported = false;
    for (const auto& line : lab.log_of(stack::kWorkerFunction)) {
        teller.say("  " + line.text);
        started = started || line.text.starts_with("START RequestId:");
        reported = reported || line.text.starts_with("REPORT RequestId:");
    }
    teller.check(started && reported, "the log has its START and REPORT lines");
}

void tell_result(Teller& teller, Lab& lab, const Presigned& made, std::string_view body) {
    teller.heading("Verify");
    const std::string bucket(stack::kLabBucket);
    teller.command("aws s3 ls s3://" + bucket + "/processed/");
    const std::string base = std::string(kEndpoint) + '/' + bucket;
    ClientRequest list;
    list.url = base + "?list-type=2&prefix=processed%2F&delimiter=%2F";
    const ClientResponse listing = lab.send_signed(list, Lab::administrator());
    std::string_view rest = listing.body;
    for (auto at = rest.find("<Key>"); at != std::string_view::npos; at = rest.find("<Key>")) {
        rest.remove_prefix(at + 5);
        teller.say("  " + std::string(rest.substr(0, rest.find("</Key>"))));
    }
    const std::string moved = "processed/" + made.s3_key.substr(stack::kUploadPrefix.size());
    teller.check(
        listing.status == 200 && listing.body.find("<Key>" + moved + "</Key>") != std::string::npos,
        "the file is in processed/"
    );
    ClientRequest get;
    get.url = base + '/' + moved;
    teller.check(
        lab.send_signed(get, Lab::administrator()).body == body, "with the bytes that were sent"
    );
    get.url = base + '/' + made.s3_key;
    teller.check(
        lab.send_signed(get, Lab::administrator()).status == 404, "and no longer in uploads/"
    );
}

} // namespace

Tour run_tour() {
    Lab lab;
    Teller teller;
    teller.heading("Ask the API for an upload URL");
    teller.command("curl -s -X POST " + std::string(kApiEndpoint) + "/prod/presign");
    ClientRequest ask;
    ask.method = "POST";
    ask.url = std::string(kApiEndpoint) + "/prod/presign";
    const ClientResponse answer = lab.send(ask);
    teller.answer(answer);
    boost::system::error_code ec;
    const auto document = boost::json::parse(answer.body, ec);
    Presigned made;
    if (!ec && document.is_object()) {
        const auto text = [&](std::string_view name) {
            const auto* value = document.as_object().if_contains(name);
            return value != nullptr && value->is_string() ? std::string(value->as_string().c_str())
                                                          : std::string();
        };
        made = {text("uploadUrl"), text("s3Key")};
    }
    teller.fact("s3Key", made.s3_key);
    teller.fact("uploadUrl", made.upload_url.substr(0, made.upload_url.find('?')) + "?...");
    const bool signed_url = made.upload_url.find("X-Amz-Signature=") != std::string::npos;
    teller.check(
        answer.status == 200 && signed_url && made.s3_key.starts_with(stack::kUploadPrefix),
        "the web function answered with a presigned URL"
    );
    if (!signed_url) {
        return std::move(teller).finish();
    }
    constexpr std::string_view body = "hello from the bench";
    tell_url(teller, made);
    tell_upload(teller, lab, made, body);
    tell_event(teller, lab, made);
    tell_result(teller, lab, made, body);
    teller.heading("The same URL, 301 seconds later");
    lab.pass(seconds{301});
    const ClientResponse late = lab.put(made.upload_url, std::string(body));
    teller.answer(late);
    teller.check(
        late.status == 403 && late.body.find("Request has expired") != std::string::npos,
        "S3 refuses it: Request has expired"
    );
    return std::move(teller).finish();
}

} // namespace benchtop::harness
