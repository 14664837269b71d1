// The running lab as a template (`benchtop export`): what `up --stack` makes the same lab of, and
// AWS the same deployment. Account and region become pseudo parameters; ids that AWS chooses stand
// in Metadata.
#pragma once

#include "emulator/stack/stack.hpp"
#include "emulator/store/tx.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace benchtop::stack {

// Code that belongs beside the template.
struct ExportedCode {
    std::string path; // as CodeUri names it: "code/web-presign-lambda.zip"
    std::string
        sha256; // of the archive, hex: its key in store::kFunctionCodeSpace; "" for a plugin
    std::string plugin; // name of the C++ plugin, or ""
};

struct Export {
    std::string text; // YAML
    std::vector<ExportedCode> code;
    std::vector<std::string> notes; // what is in the lab and not in the template, one sentence each
};

Export export_template(const store::ReadTx& tx, std::string_view account, std::string_view region);

} // namespace benchtop::stack
