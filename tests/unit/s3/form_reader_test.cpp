#include "emulator/s3/form_reader.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace benchtop;
using namespace benchtop::s3;

namespace {

struct Seen final : FormReader::Listener {
    Result<void> file_begins(const Form& form) override {
        CHECK_FALSE(began);
        began = true;
        for (const auto& [name, value] : form.fields) {
            fields += name + "=" + value + ";";
        }
        filename = form.filename.value_or("(none)");
        return {};
    }

    Result<void> file_data(ByteView bytes) override {
        CHECK(began);
        file += as_text(bytes);
        return {};
    }

    bool began = false;
    std::string fields;
    std::string filename;
    std::string file;
};

std::string part(std::string_view parameters, std::string_view value, std::string_view more = "") {
    return "--BOUND\r\nContent-Disposition: form-data; " + std::string(parameters) + "\r\n" +
           std::string(more) + "\r\n" + std::string(value) + "\r\n";
}

const std::string kEnd = "--BOUND--\r\n";

// What a reader makes of the body, handed over in pieces cut at `cuts`.
std::string read(std::string_view body, const std::vector<std::size_t>& cuts = {}) {
    FormReader reader("BOUND");
    Seen seen;
    std::size_t from = 0;
    auto pieces = cuts;
    pieces.push_back(body.size());
    for (const std::size_t to : pieces) {
        if (auto ok = reader.feed(as_bytes(body.substr(from, to - from)), seen); !ok) {
            return ok.error().code();
        }
        from = to;
    }
    if (auto ok = reader.finish(); !ok) {
        return ok.error().code() + (seen.began ? " after the file" : "");
    }
    return seen.fields + " " + seen.filename + " " + seen.file;
}

} // namespace

TEST_CASE("A form is read the same wherever its bytes are cut", "[s3][form]") {
    // Everything a delimiter begins with, and never the whole of one.
    const std::string content = "a\r\n--BOUN\r\r\r\n--BOUN\n\r";
    const std::string body = part("name=\"key\"", "up/${filename}") + part("name=policy", "") +
                             part("name=\"x-amz-meta-a\"", "1\r\n2") +
                             part(
                                 "name=\"file\"; filename=\"C:\\dir\\a \\\"b\\\".txt\"",
                                 content,
                                 "Content-Type: text/plain\r\n"
                             ) +
                             part("name=\"submit\"", "Go") + kEnd;
    const std::string expected =
        "key=up/${filename};policy=;x-amz-meta-a=1\r\n2; a \"b\".txt " + content;
    REQUIRE(read(body) == expected);
    for (std::size_t first = 0; first <= body.size(); ++first) {
        INFO(first);
        CHECK(read(body, {first}) == expected);
        if (first + 3 <= body.size()) {
            CHECK(read(body, {first, first + 1, first + 3}) == expected);
        }
    }
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < body.size(); ++i) {
        all.push_back(i);
    }
    CHECK(read(body, all) == expected);
}

TEST_CASE("What clients write around a form's parts is read over", "[s3][form]") {
    const std::string file = part("name=\"file\"; filename=\"f\"", "x");
    CHECK(read("preamble\r\n" + file + kEnd) == " f x");
    CHECK(read("\r\n" + file + kEnd + "epilogue") == " f x");
    CHECK(read(file + "--BOUND--") == " f x");
    CHECK(read("--BOUND \t\r\n" + file.substr(9) + kEnd) == " f x");
    CHECK(
        read("--BOUND\nContent-Disposition: form-data; name=file\n\nx\r\n" + kEnd) == " (none) x"
    );
    CHECK(
        read("--BOUND\r\ncontent-disposition:\r\n form-data;\r\n\tname=file\r\n\r\nx\r\n" + kEnd) ==
        " (none) x"
    );
    CHECK(read(part("name=\"FILE\"; filename=\"\"", "") + kEnd) == "  ");
    CHECK(read(part("filename=\"f\"; name=\"a;b\"", "1") + file + kEnd) == "a;b=1; f x");
    // No form-data, no name: not a field. Not named "file": not the file.
    CHECK(
        read(
            "--BOUND\r\nContent-Disposition: file; name=\"file\"\r\n\r\nz\r\n--BOUND\r\n\r\nz\r\n" +
            part("name=\"photo\"; filename=\"f\"", "z") + file + kEnd
        ) == "photo=z; f x"
    );
}

TEST_CASE("What is no form is refused", "[s3][form]") {
    const std::string key = part("name=\"key\"", "k");
    const std::string file = part("name=\"file\"", "x");
    const std::string malformed = "MalformedPOSTRequest";
    CHECK(read("") == malformed);
    CHECK(read("no delimiter at all") == malformed);
    CHECK(read(key) == malformed);
    CHECK(read(key + file) == malformed + " after the file");
    CHECK(read(key + file + "--BOUND") == malformed + " after the file");
    CHECK(read("--BOUNDLESS\r\n\r\n") == malformed);
    CHECK(read(key + "--BOUND\r\nContent-Disposition: form-data; name=\"file\"") == malformed);
    CHECK(read(key + kEnd) == "InvalidArgument");
    CHECK(read(kEnd) == "InvalidArgument");
    CHECK(read(file + file + kEnd) == "InvalidArgument");
}

TEST_CASE("What precedes a form's file is bounded, the file is not", "[s3][form]") {
    const std::string large(30000, 'v');
    const std::string too_large = "MaxPostPreDataLengthExceeded";
    CHECK(read(part("name=\"key\"", large)) == too_large);
    CHECK(read(large) == too_large);
    CHECK(read("--BOUND\r\nX-Header: " + large) == too_large);
    std::string many;
    for (int i = 0; i < 400; ++i) {
        many += part("name=\"a\"", "");
    }
    CHECK(read(many) == too_large);
    const std::string fits(20000, 'v');
    const std::string file = part("name=\"file\"; filename=\"f\"", large + large);
    CHECK(read(part("name=\"a\"", fits) + file + kEnd) == "a=" + fits + "; f " + large + large);
    // Behind the file everything is read over, but a header line without end.
    CHECK(read(file + part("name=\"b\"", large) + kEnd) == " f " + large + large);
    CHECK(read(file + "--BOUND\r\nX-Header: " + large) == "MalformedPOSTRequest");
}

TEST_CASE("The boundary comes from the Content-Type", "[s3][form]") {
    CHECK(FormReader::boundary_of("multipart/form-data; boundary=----x'1") == "----x'1");
    CHECK(FormReader::boundary_of("multipart/form-data; charset=utf-8; Boundary=\"a b\"") == "a b");
    CHECK_FALSE(FormReader::boundary_of("multipart/form-data"));
    CHECK_FALSE(FormReader::boundary_of("multipart/form-data; boundary="));
    CHECK_FALSE(FormReader::boundary_of("multipart/form-data; boundary=" + std::string(71, 'b')));
}
