# SPDX-License-Identifier: MIT
# Text files become one C file: a table of names and texts, in alphabetical order.
#   cmake -DOUTPUT=texts.c -DFILES="a.model;b.model" -DTABLE=NAME -DHEADER=FILE.h [-DFOLDER=src]
#         -P embed.cmake
# HEADER declares TABLE. A text is called after its file: without folder and ending, or with
# FOLDER as its path from there. The texts are byte arrays: C limits how long a string literal may be.
if(NOT OUTPUT OR NOT FILES OR NOT TABLE OR NOT HEADER)
  message(FATAL_ERROR "embed.cmake needs -DOUTPUT=FILE, -DFILES=LIST, -DTABLE=NAME and -DHEADER=FILE")
endif()
set(ordered) # '!' sorts before every character of a name: t2 comes before t2offset
foreach(file IN LISTS FILES)
  if(file STREQUAL "")
    continue()
  endif()
  if(FOLDER)
    file(RELATIVE_PATH name "${FOLDER}" "${file}")
  else()
    get_filename_component(name "${file}" NAME_WE)
  endif()
  list(APPEND ordered "${name}!${file}")
endforeach()
list(SORT ordered)

set(arrays)
set(rows)
foreach(entry IN LISTS ordered)
  string(REGEX REPLACE "!.*" "" name "${entry}")
  string(REGEX REPLACE "^[^!]*!" "" file "${entry}")
  string(MAKE_C_IDENTIFIER "${name}_text" array)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "(................................)" "\\1\n  " hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  string(APPEND arrays "static const char ${array}[] = {\n  ${bytes}'\\0'};\n\n")
  string(APPEND rows "    {\"${name}\", ${array}},\n")
endforeach()
file(WRITE "${OUTPUT}" "// Made by cmake/embed.cmake: editing is lost.\n#include \"${HEADER}\"\n\n"
  "#include <stddef.h>\n\n${arrays}"
  "const tt1__builtin_text ${TABLE}[] = {\n${rows}    {NULL, NULL},\n};\n")
