# SPDX-License-Identifier: MIT
# Text files become one C file: a table of names and texts, in alphabetical order.
#   cmake -DOUTPUT=builtin_texts.c -DFILES="a.model;b.model" -P embed.cmake
# The texts are byte arrays: C limits how long a string literal may be.
if(NOT OUTPUT OR NOT FILES)
  message(FATAL_ERROR "embed.cmake needs -DOUTPUT=FILE and -DFILES=LIST")
endif()
set(ordered) # '!' sorts before every character of a name: t2 comes before t2offset
foreach(file IN LISTS FILES)
  if(file STREQUAL "")
    continue()
  endif()
  get_filename_component(name "${file}" NAME_WE)
  list(APPEND ordered "${name}!${file}")
endforeach()
list(SORT ordered)

set(arrays)
set(rows)
foreach(entry IN LISTS ordered)
  string(REGEX REPLACE "!.*" "" name "${entry}")
  string(REGEX REPLACE "^[^!]*!" "" file "${entry}")
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "(................................)" "\\1\n  " hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  string(APPEND arrays "static const char ${name}_text[] = {\n  ${bytes}'\\0'};\n\n")
  string(APPEND rows "    {\"${name}\", ${name}_text},\n")
endforeach()
file(WRITE "${OUTPUT}" "// Made by cmake/embed.cmake: editing is lost.\n#include \"model/builtin.h\"\n\n"
  "#include <stddef.h>\n\n${arrays}"
  "const tt1__builtin_text tt1__builtin_texts[] = {\n${rows}    {NULL, NULL},\n};\n")
