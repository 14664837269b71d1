// `benchtop export`: the running lab as a template, and its functions' code beside it.
#include "emulator/cli/commands.hpp"
#include "emulator/net/http_client.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace benchtop::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

bool write_file(const fs::path& path, std::string_view bytes) {
    std::error_code ec;
    fs::create_directories(path.parent_path(), ec);
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (file.flush()) {
        return true;
    }
    std::cerr << "benchtop: cannot write " << path.string() << ".\n";
    return false;
}

// What the build makes of a plugin's handler for AWS: handlers/web-presign.zip for web_presign.
fs::path package_of(std::string plugin) {
    std::replace(plugin.begin(), plugin.end(), '_', '-');
    std::error_code ec;
    const fs::path self = fs::read_symlink("/proc/self/exe", ec).parent_path();
    return self.parent_path() / "handlers" / (plugin + ".zip");
}

bool write_plugin(const fs::path& path, const std::string& plugin) {
    const fs::path package = package_of(plugin);
    std::error_code ec;
    if (!fs::exists(package, ec)) {
        std::cerr
            << "benchtop: " << path.string() << " is not written: build it for AWS with "
            << "cmake --build --preset release --target lambda-packages. Benchtop itself does "
               "not need it.\n";
        return true;
    }
    fs::create_directories(path.parent_path(), ec);
    fs::copy_file(package, path, fs::copy_options::overwrite_existing, ec);
    if (ec) {
        std::cerr << "benchtop: cannot write " << path.string() << ".\n";
    }
    return !ec;
}

bool write_code(std::uint16_t port, const fs::path& directory, const json::object& code) {
    const fs::path path = directory / std::string(code.at("path").as_string());
    if (const auto& plugin = code.at("plugin").as_string(); !plugin.empty()) {
        return write_plugin(path, std::string(plugin));
    }
    const auto reply = net::local_request(
        port, "GET", "/_benchtop/function-code/" + std::string(code.at("sha256").as_string()), ""
    );
    if (!reply || reply->status != 200) {
        std::cerr << "benchtop: the code of " << path.string() << " cannot be had.\n";
        return false;
    }
    return write_file(path, reply->body);
}

} // namespace

int export_lab(std::uint16_t port, const std::string& directory) {
    const auto reply = net::local_request(port, "GET", "/_benchtop/export", "");
    boost::system::error_code ec;
    const json::value document = reply ? json::parse(reply->body, ec) : json::value();
    if (!reply || reply->status != 200 || ec || !document.is_object()) {
        std::cerr << "benchtop: "
                  << (reply ? "port " + std::to_string(port) + " is not Benchtop's"
                            : reply.error().message())
                  << '\n';
        return 1;
    }
    const auto& object = document.as_object();
    const std::string_view text = object.at("template").as_string();
    for (const auto& note : object.at("notes").as_array()) {
        std::cerr << "benchtop: not in the template: " << note.as_string().c_str() << '\n';
    }
    if (directory.empty()) {
        std::cout << text << std::flush;
        return 0;
    }
    if (!write_file(fs::path(directory) / "template.yaml", text)) {
        return 1;
    }
    for (const auto& code : object.at("code").as_array()) {
        if (!write_code(port, directory, code.as_object())) {
            return 1;
        }
    }
    return 0;
}

} // namespace benchtop::cli
