// Structured dtypes: their elements are named tuples of numbers to compiled code.
#pragma once
#include "ir/type.h"
#include "python/bindings/numpy_api.h"

namespace cantil::bindings {

// The type of a structured dtype's elements, where its fields are numbers that lie as C would place them
// (align=True); null for others.
ir::TypeRef type_of_record(PyArray_Descr* descr);

}  // namespace cantil::bindings
