// Python's ast objects as a syntax::Tree.
#pragma once
#include <Python.h>

#include <memory>

#include "frontend/syntax/tree.h"

namespace cantil::bindings {

// Which file the parsed text belongs to, and what must be added to its lines to make them the file's.
struct SourcePlace {
  FileId file = 0;
  int line_offset = 0;
};

// Reads a node of the ast module and all below it; a construct that nodes.def does not know becomes an
// Unknown node. The decorators of `node` itself are left out unless asked for. Null, with a Python exception
// set, when an object is not what the ast module promises. Needs the GIL.
std::unique_ptr<syntax::Tree> read_ast(PyObject* node, const SourcePlace& place,
                                       bool with_decorators = false);

}  // namespace cantil::bindings
