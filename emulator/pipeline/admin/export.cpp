// The lab as a template, with the code of its functions.
#include "emulator/stack/export.hpp"

#include "emulator/pipeline/admin/handlers.hpp"
#include "emulator/stack/constants.hpp"

#include <boost/json.hpp>

namespace benchtop::pipeline::admin {

namespace json = boost::json;

// The lab as a template; the archives it names are had one by one.
Action export_lab(AdminCall& call) {
    stack::Export out;
    call.services.store.read([&](const store::ReadTx& tx) {
        out = stack::export_template(tx, stack::kLabAccount, stack::kLabRegion);
    });
    json::array code;
    for (const auto& one : out.code) {
        code.push_back({{"path", one.path}, {"sha256", one.sha256}, {"plugin", one.plugin}});
    }
    return answer(
        call,
        200,
        {{"template", out.text},
         {"code", std::move(code)},
         {"notes", json::array(out.notes.begin(), out.notes.end())}}
    );
}

Action get_function_code(AdminCall& call) {
    const std::string& sha256 = call.parameters.front();
    std::optional<std::string> zip;
    call.services.store.read([&](const store::ReadTx& tx) {
        zip = tx.find_document(store::kFunctionCodeSpace, sha256);
    });
    if (!zip) {
        return refuse(call, 404, "There is no function with this code.");
    }
    Response response;
    response.headers.add("Content-Type", "application/zip");
    response.is_head = call.head.method == "HEAD";
    response.head_length = zip->size();
    response.body = *std::move(zip);
    return Respond{std::move(response)};
}

} // namespace benchtop::pipeline::admin
