// Typed tree to IR.
#pragma once
#include <memory>
#include <vector>

#include "frontend/exception_classes.h"
#include "frontend/typing/typed.h"
#include "ir/ir.h"

namespace cantil::frontend {

// Lowers the instances (entry first) into a fresh module.
std::unique_ptr<ir::Module> lower_instances(const std::vector<Instance*>& instances, CodeTarget target,
                                            const ExceptionBases& exceptions);

// The run-time type of a typed expression's type: literals become numbers, other compile-time parts of tuples
// nothing.
ir::TypeRef runtime_type(ir::TypeRef t);

}  // namespace cantil::frontend
