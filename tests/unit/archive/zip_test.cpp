#include "emulator/archive/zip.hpp"
#include "tests/catch.hpp"

#include <fstream>
#include <memory>
#include <stdlib.h>
#include <sys/stat.h>
#include <zip.h>

using namespace benchtop::archive;
namespace fs = std::filesystem;

namespace {

struct Item {
    std::string name;
    std::string bytes;
    std::uint32_t mode = 0100644; // 0: made on a system without Unix modes
};

// A reference to a source of libzip's, given up at the end.
using Source = std::unique_ptr<zip_source_t, decltype(&zip_source_free)>;
// An archive being written; what was not closed is thrown away.
using Archive = std::unique_ptr<zip_t, decltype(&zip_discard)>;

void add_item(zip_t* archive, const Item& item) {
    zip_int64_t index = -1;
    if (item.name.ends_with('/')) {
        index = zip_dir_add(archive, item.name.c_str(), ZIP_FL_ENC_UTF_8);
    } else {
        Source bytes(
            zip_source_buffer(archive, item.bytes.data(), item.bytes.size(), 0), zip_source_free
        );
        index = zip_file_add(archive, item.name.c_str(), bytes.get(), ZIP_FL_ENC_UTF_8);
        if (index >= 0) {
            static_cast<void>(bytes.release()); // the archive's now
        }
    }
    REQUIRE(index >= 0);
    zip_file_set_external_attributes(
        archive,
        static_cast<zip_uint64_t>(index),
        0,
        item.mode == 0 ? ZIP_OPSYS_DOS : ZIP_OPSYS_UNIX,
        item.mode << 16
    );
}

std::string make_zip(const std::vector<Item>& items) {
    const Source source(zip_source_buffer_create(nullptr, 0, 0, nullptr), zip_source_free);
    Archive archive(zip_open_from_source(source.get(), ZIP_TRUNCATE, nullptr), zip_discard);
    REQUIRE(archive != nullptr);
    zip_source_keep(source.get()); // the archive gives up the reference it was handed
    for (const Item& item : items) {
        add_item(archive.get(), item);
    }
    REQUIRE(zip_close(archive.get()) == 0);
    static_cast<void>(archive.release());
    zip_stat_t stat;
    zip_source_stat(source.get(), &stat);
    std::string out(stat.size, '\0');
    zip_source_open(source.get());
    zip_source_read(source.get(), out.data(), out.size());
    zip_source_close(source.get());
    return out;
}

class Place {
public:
    Place() {
        std::string name = (fs::temp_directory_path() / "benchtop-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }

    ~Place() {
        std::error_code ec;
        fs::remove_all(path_, ec);
    }

    fs::path code() const { return path_ / "code"; }

    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

mode_t mode_of(const fs::path& path) {
    struct stat found {};

    REQUIRE(::stat(path.c_str(), &found) == 0);
    return found.st_mode & 07777;
}

} // namespace

TEST_CASE("an archive's files come out with their modes", "[archive]") {
    const std::string zip = make_zip(
        {{"lambda_function.py", "print(1)"},
         {"lib/", "", 040755},
         {"lib/deep/x.txt", "deep"},
         {"bootstrap", "#!/bin/sh\n", 0100755},
         {"windows.sh", "x", 0}}
    );
    const ZipSummary summary = inspect_zip(zip);
    REQUIRE(summary.fault == ZipFault::None);
    CHECK(summary.entries.size() == 5);
    CHECK(summary.unzipped_bytes == 8 + 4 + 10 + 1);
    const Place place;
    REQUIRE(unpack_zip(zip, place.code()).value() == ZipFault::None);
    CHECK(text_of(place.code() / "lambda_function.py") == "print(1)");
    CHECK(text_of(place.code() / "lib/deep/x.txt") == "deep");
    CHECK(mode_of(place.code() / "bootstrap") == 0555);
    CHECK(mode_of(place.code() / "lambda_function.py") == 0444);
    CHECK(mode_of(place.code() / "windows.sh") == 0444);
    CHECK(read_zip_entry(zip, "lib/deep/x.txt", 10) == "deep");
    CHECK_FALSE(read_zip_entry(zip, "lib/deep/x.txt", 3).has_value());
    CHECK_FALSE(read_zip_entry(zip, "missing", 3).has_value());
}

TEST_CASE("what is no archive, or an empty one, is told apart", "[archive]") {
    CHECK(inspect_zip("").fault == ZipFault::Empty);
    CHECK(inspect_zip("hello").fault == ZipFault::NotZip);
    const std::string zip = make_zip({{"a", "b"}});
    CHECK(inspect_zip(zip.substr(0, zip.size() - 5)).fault == ZipFault::NotZip);
    // The end-of-directory record alone is what `zip` calls an empty archive.
    const std::string empty("PK\x05\x06" + std::string(18, '\0'));
    CHECK(inspect_zip(empty).fault == ZipFault::Empty);
    CHECK(inspect_zip(make_zip({{"only/", "", 040755}})).fault == ZipFault::Empty);
    const Place place;
    CHECK(unpack_zip("hello", place.code()).value() == ZipFault::NotZip);
    CHECK_FALSE(fs::exists(place.code()));
}

TEST_CASE("no entry leaves the directory", "[archive]") {
    for (const char* name : {"../evil", "/etc/evil", "a/../../evil", "a\\b"}) {
        INFO(name);
        CHECK(inspect_zip(make_zip({{name, "x"}})).fault == ZipFault::BadName);
    }
    for (const char* target : {"/etc/passwd", "../x", "a/../../x"}) {
        INFO(target);
        const Place place;
        const std::string zip = make_zip({{"ok", "x"}, {"link", target, 0120777}});
        CHECK(unpack_zip(zip, place.code()).value() == ZipFault::BadName);
        CHECK_FALSE(fs::exists(place.code()));
    }
    const Place place;
    const std::string zip = make_zip({{"link", "dir", 0120777}, {"dir/a", "x"}});
    REQUIRE(unpack_zip(zip, place.code()).value() == ZipFault::None);
    CHECK(text_of(place.code() / "link/a") == "x");
    // A link below which files lie: they are not written through it.
    const Place second;
    CHECK(
        unpack_zip(make_zip({{"d", ".", 0120777}, {"d/a", "x"}}), second.code()).value() ==
        ZipFault::BadName
    );
}

TEST_CASE("an archive is judged by what comes out of it", "[archive]") {
    // 300 MB of zeros are 300 KB of archive.
    const std::string zeros(50 * 1024 * 1024, '\0');
    std::vector<Item> items;
    for (int i = 0; i < 6; ++i) {
        items.push_back({"z" + std::to_string(i), zeros});
    }
    const std::string zip = make_zip(items);
    CHECK(zip.size() < 1024 * 1024);
    CHECK(inspect_zip(zip).fault == ZipFault::TooLarge);

    // A directory that lies about a size does not get more written.
    std::string lying = make_zip({{"liar", std::string(1'000'000, 'a')}});
    const std::string real("\x40\x42\x0f\x00", 4); // 1,000,000
    std::size_t changed = 0;
    for (auto at = lying.find(real); at != std::string::npos; at = lying.find(real, at + 4)) {
        lying.replace(at, 4, std::string("\x01\x00\x00\x00", 4));
        ++changed;
    }
    REQUIRE(changed >= 1);
    const Place place;
    const auto fault = unpack_zip(lying, place.code());
    REQUIRE(fault.has_value());
    if (*fault == ZipFault::None) {
        CHECK(fs::file_size(place.code() / "liar") <= 1'000'000);
    }
}
