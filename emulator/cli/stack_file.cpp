#include "emulator/cli/stack_file.hpp"

#include "emulator/stack/template.hpp"
#include "emulator/stack/zip_writer.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>

namespace benchtop::cli {
namespace {

namespace fs = std::filesystem;

// "Lambda quotas": what a function's code may be when unpacked.
constexpr std::uintmax_t kCodeBytesMax = 250 * 1024 * 1024;
constexpr std::size_t kCodeFilesMax = 60'000;

AwsError sentence(const std::string& text) {
    return AwsError(400, "CannotRead", text);
}

Result<std::string> read_file(const fs::path& path, std::uintmax_t bytes_max) {
    std::error_code ec;
    const auto size = fs::file_size(path, ec);
    if (ec) {
        return sentence("cannot read " + path.string() + ": " + ec.message() + ".");
    }
    if (size > bytes_max) {
        return sentence(
            path.string() + " is larger than " + std::to_string(bytes_max / 1'000'000) + " MB."
        );
    }
    std::ifstream file(path, std::ios::binary);
    std::string bytes(static_cast<std::size_t>(size), '\0');
    if (!file.read(bytes.data(), static_cast<std::streamsize>(size))) {
        return sentence("cannot read " + path.string() + ".");
    }
    return bytes;
}

Result<std::string> zip_directory(const fs::path& directory) {
    std::vector<fs::path> files;
    std::error_code ec;
    for (fs::recursive_directory_iterator it(directory, ec), end; !ec && it != end;
         it.increment(ec)) {
        if (it->is_regular_file()) {
            files.push_back(it->path());
        }
        if (files.size() > kCodeFilesMax) {
            return sentence(directory.string() + " holds too many files.");
        }
    }
    if (ec) {
        return sentence("cannot read " + directory.string() + ": " + ec.message() + ".");
    }
    if (files.empty()) {
        return sentence("there is no file in " + directory.string() + ".");
    }
    std::sort(files.begin(), files.end()); // the same files make the same archive
    stack::ZipWriter zip;
    std::uintmax_t left = kCodeBytesMax;
    for (const fs::path& path : files) {
        const std::string name = path.lexically_relative(directory).generic_string();
        auto bytes = read_file(path, left);
        if (!bytes || name.size() > std::numeric_limits<std::uint16_t>::max()) {
            return bytes ? sentence("the name " + name + " is too long.") : bytes.error();
        }
        left -= bytes->size();
        const auto mode = fs::status(path, ec).permissions();
        zip.add(name, *bytes, (mode & fs::perms::owner_exec) != fs::perms::none);
    }
    return zip.finish();
}

Result<std::string> read_code(const fs::path& beside, std::string_view given) {
    const fs::path path = beside / fs::path(given);
    std::error_code ec;
    if (fs::is_directory(path, ec)) {
        return zip_directory(path);
    }
    auto bytes = read_file(path, kCodeBytesMax);
    if (bytes && !bytes->starts_with("PK")) {
        return sentence(path.string() + " is neither a directory nor a zip archive.");
    }
    return bytes;
}

} // namespace

Result<stack::Stack> read_stack_file(const StackFile& file) {
    const fs::path path(file.path);
    auto text = read_file(path, 4'000'000); // the template's own limit is checked by who parses it
    if (!text) {
        return text.error();
    }
    stack::TemplateInput input;
    input.stack_name = file.name;
    for (const std::string& parameter : file.parameters) {
        const std::size_t equals = parameter.find('=');
        if (equals == std::string::npos || equals == 0) {
            return sentence("a parameter is given as --parameter NAME=VALUE.");
        }
        input.parameters.emplace_back(parameter.substr(0, equals), parameter.substr(equals + 1));
    }
    input.read_code = [&path](std::string_view given) {
        return read_code(path.parent_path(), given);
    };
    auto stack = stack::read_template(*text, input);
    if (!stack) {
        return sentence(path.string() + ": " + stack.error().message());
    }
    return stack;
}

} // namespace benchtop::cli
