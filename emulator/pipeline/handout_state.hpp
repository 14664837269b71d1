// What `handout check` judges, read from the store: the lab's parts by the handout's names or, when
// a student chose others, by how they are wired together.
#pragma once

#include "emulator/functions/function_logs.hpp"
#include "emulator/store/tx.hpp"
#include "emulator/tutor/handout_check.hpp"

#include <string_view>

namespace benchtop::pipeline {

// `account` and `region`: of the lab. `bucket` "": the most likely one.
tutor::LabFacts read_handout_state(
    const store::ReadTx& tx,
    const functions::FunctionLogs& logs,
    std::string_view account,
    std::string_view region,
    std::string_view bucket
);

} // namespace benchtop::pipeline
