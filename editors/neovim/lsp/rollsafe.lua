-- Configuration of the rollsafe language server, and the commands that show what it writes.
--
-- Neovim 0.11 and later find this file on the runtime path: vim.lsp.enable("rollsafe").
-- Earlier versions take the same table: vim.lsp.start(dofile("…/lsp/rollsafe.lua")), see README.md.
--
--   :RollsafePlan [kind] [subject] [--base=REF] [--name=value …]
--                            a plan; without a kind the deployment plan, and a single word that is no
--                            kind is the git revision to compare with; with `!` a model writes words
--                            beside it, where one may be asked
--   :RollsafeReview [agent]  lets a model look at the buffer, for every agent or the one that is named
--   :RollsafeAgents          the agents of the project: choose one to review with, or read why it takes no part
--   :RollsafeExplain [rule]  a rule; without a name the one that speaks on the cursor's line
--   :RollsafeRun [action] [step] [note …]
--                            carry out the deployment plan: start, status (without a word), done, failed,
--                            skipped, abort, undone, report, list; `:RollsafeRun! start` overrules what
--                            stands against it; `start` takes --environment=NAME and --base=REF
--
-- The last `rollsafe/status` is in vim.g.rollsafe_status, ready for a status line; the autocommand
-- event `User RollsafeStatus` says that it changed.

local opened = 0

--- Writes Markdown into a buffer that nobody types into.
local function fill(buffer, markdown)
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(markdown, "\n", { plain = true }))
  vim.bo[buffer].modifiable = false
end

--- Opens Markdown in a scratch buffer in a split; `q` closes it.
local function show(title, markdown)
  opened = opened + 1
  local buffer = vim.api.nvim_create_buf(false, true)
  fill(buffer, markdown)
  vim.api.nvim_buf_set_name(buffer, string.format("rollsafe://%d/%s", opened, title))
  vim.cmd("split")
  vim.api.nvim_win_set_buf(0, buffer)
  vim.bo[buffer].bufhidden = "wipe"
  vim.bo[buffer].filetype = "markdown"
  vim.api.nvim_buf_set_keymap(buffer, "n", "q", "<Cmd>close<CR>", { nowait = true, noremap = true })
  return buffer
end

local function complain(message)
  vim.notify("rollsafe: " .. message, vim.log.levels.ERROR)
end

--- Runs a command of the server; `answered` is given the error or the result.
local function request(client, bufnr, command, arguments, answered)
  local params = { command = command, arguments = arguments }
  if vim.fn.has("nvim-0.11") == 1 then
    client:request("workspace/executeCommand", params, answered, bufnr)
  else
    client.request("workspace/executeCommand", params, answered, bufnr)
  end
end

--- Runs a command of the server and opens the document that it answers with.
local function execute(client, bufnr, command, arguments)
  request(client, bufnr, command, arguments, function(err, result)
    if err then
      complain(err.message)
    elseif type(result) == "table" and type(result.markdown) == "string" then
      show(result.title or (arguments[1] or {}).rule or command, result.markdown)
    end
  end)
end

--- Code actions and lenses of the server name these commands; Neovim asks here before it asks the server.
local function from_code_action(command, ctx)
  local client = vim.lsp.get_client_by_id(ctx.client_id)
  execute(client, ctx.bufnr, command.command, command.arguments or {})
end

local function attached()
  local bufnr = vim.api.nvim_get_current_buf()
  local clients = (vim.lsp.get_clients or vim.lsp.get_active_clients)()
  for _, client in ipairs(clients) do
    if client.name == "rollsafe" and vim.lsp.buf_is_attached(bufnr, client.id) then
      return client, bufnr
    end
  end
  complain("no server is attached to this buffer")
end

--- The rules that speak in the buffer, those of the cursor's line first.
local function rules(bufnr)
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  local here, elsewhere = {}, {}
  for _, diagnostic in ipairs(vim.diagnostic.get(bufnr)) do
    -- Neovim 0.7 keeps the code in the server's own diagnostic only.
    local lsp = (diagnostic.user_data or {}).lsp or {}
    local code = diagnostic.code or lsp.code
    if diagnostic.source == "rollsafe" and code then
      table.insert(diagnostic.lnum == line and here or elsewhere, code)
    end
  end
  vim.list_extend(here, elsewhere)
  return here
end

--- The names of the kinds of plans the server has, asked for once.
local kinds
local function plan_kinds(client, bufnr)
  if not kinds then
    local params = { command = "rollsafe.planKinds", arguments = {} }
    local method = "workspace/executeCommand"
    local reply
    if vim.fn.has("nvim-0.11") == 1 then
      reply = client:request_sync(method, params, 5000, bufnr)
    else
      reply = client.request_sync(method, params, 5000, bufnr)
    end
    local known = {}
    for _, kind in ipairs((reply or {}).result or {}) do
      table.insert(known, kind.name)
    end
    if #known == 0 then
      return {}
    end
    kinds = known
  end
  return kinds
end

--- What `:RollsafePlan` was given, as the server takes it.
local function plan_request(words, known)
  local request = { kind = "deploy" }
  local subject, options = {}, vim.empty_dict()
  for position, word in ipairs(words) do
    local name, value = word:match("^%-%-([%w-]+)=?(.*)$")
    if name == "base" or name == "environment" then
      request[name] = value
    elseif name then
      options[name] = value
    elseif position == 1 and vim.tbl_contains(known, word) then
      request.kind = word
    else
      table.insert(subject, word)
    end
  end
  if request.kind == "deploy" and #subject == 1 and not request.base then
    request.base = table.remove(subject)
  end
  request.subject = #subject > 0 and table.concat(subject, " ") or nil
  request.options = next(options) and options or nil
  return request
end

local function plan(options)
  local client, bufnr = attached()
  if client then
    local known = #options.fargs > 0 and plan_kinds(client, bufnr) or {}
    local request = plan_request(options.fargs, known)
    request.uri = vim.uri_from_bufnr(bufnr)
    execute(client, bufnr, options.bang and "rollsafe.planInWords" or "rollsafe.plan", { request })
  end
end

local function complete_kind(lead)
  local client, bufnr = attached()
  return vim.tbl_filter(function(kind)
    return vim.startswith(kind, lead)
  end, client and plan_kinds(client, bufnr) or {})
end

--- Sends a command whose answer is no document.
local function call(client, bufnr, command, arguments, done)
  local params = { command = command, arguments = arguments }
  local function answered(err, result)
    if err then
      complain(err.message)
    elseif done then
      done(result)
    end
  end
  if vim.fn.has("nvim-0.11") == 1 then
    client:request("workspace/executeCommand", params, answered, bufnr)
  else
    client.request("workspace/executeCommand", params, answered, bufnr)
  end
end

--- The agents of the buffer's project as the server tells of them, asked for and waited for.
local function agents_of(client, bufnr)
  local params = { command = "rollsafe.agents", arguments = { { uri = vim.uri_from_bufnr(bufnr) } } }
  local method, reply = "workspace/executeCommand", nil
  if vim.fn.has("nvim-0.11") == 1 then
    reply = client:request_sync(method, params, 5000, bufnr)
  else
    reply = client.request_sync(method, params, 5000, bufnr)
  end
  return (reply or {}).result or {}
end

local function review(options)
  local client, bufnr = attached()
  if client then
    local request = { uri = vim.uri_from_bufnr(bufnr) }
    request.agent = options.args ~= "" and options.args or nil
    call(client, bufnr, "rollsafe.review", { request })
  end
end

local function complete_agent(lead)
  local client, bufnr = attached()
  local names = {}
  for _, agent in ipairs(client and agents_of(client, bufnr) or {}) do
    if agent.reviews and vim.startswith(agent.name, lead) then
      table.insert(names, agent.name)
    end
  end
  return names
end

local function describe_agent(agent)
  local where = agent.path ~= "" and agent.path or agent.scope
  if agent.reviews then
    return string.format("Review with %s  (%s)", agent.name, where)
  end
  local why = agent.reason ~= "" and agent.reason or "does not look at this file"
  return string.format("%s  (%s): %s", agent.name, where, why)
end

--- Lets the user choose an agent: one that reviews the buffer is asked, the file of another is opened.
local function choose_agent()
  local client, bufnr = attached()
  if not client then
    return
  end
  local found = agents_of(client, bufnr)
  table.sort(found, function(one, other)
    if one.reviews ~= other.reviews then
      return one.reviews
    end
    return one.name < other.name
  end)
  vim.ui.select(found, { prompt = "Agents", format_item = describe_agent }, function(agent)
    if agent and agent.reviews then
      review({ args = agent.path ~= "" and agent.path or agent.name })
    elseif agent and type(agent.uri) == "string" then
      vim.cmd("edit " .. vim.fn.fnameescape(vim.uri_to_fname(agent.uri)))
    end
  end)
end

local function explain(options)
  local client, bufnr = attached()
  if not client then
    return
  end
  local rule = options.args ~= "" and options.args or rules(bufnr)[1]
  if rule then
    execute(client, bufnr, "rollsafe.explain", { { rule = rule } })
  else
    complain("no finding in this buffer; name a rule")
  end
end

local function complete_rule(lead)
  return vim.tbl_filter(function(rule)
    return vim.startswith(rule, lead)
  end, rules(vim.api.nvim_get_current_buf()))
end

-- Carrying out a plan -------------------------------------------------------------------------------

local ACTIONS = { "start", "status", "done", "failed", "skipped", "abort", "undone", "report", "list" }
local ABOUT_A_STEP = { done = true, failed = true, skipped = true, undone = true }
local OVERRULED = { ["plan-blocked"] = true, ["run-open"] = true }
local KEYS = "d done · f failed · s skip · a abort · y copy command · r report · R refresh · q close"

--- The run that is on the screen: its buffer, its status, who answers for it.
local shown = {}

local perform

--- The step whose turn it is.
local function next_step()
  local status = shown.status or {}
  for _, steps in ipairs({ status.steps or {}, status.back or {} }) do
    for _, step in ipairs(steps) do
      if step.id == status.next then
        return step
      end
    end
  end
end

--- What `:RollsafeRun` sends about the run on the screen.
local function about_run(action, more)
  local step = next_step()
  local asked = { action = action, run = shown.status and shown.status.run, uri = shown.root }
  if step and ABOUT_A_STEP[action] then
    asked.step = step.id
  end
  return vim.tbl_extend("force", asked, more or {})
end

--- Asks for a line; nothing happens when it is cancelled, or empty where it is needed.
local function ask(prompt, needed, answered)
  vim.ui.input({ prompt = prompt }, function(text)
    if text and (text ~= "" or not needed) then
      answered(text)
    end
  end)
end

local function on_key(key)
  local step = next_step()
  if key == "r" then
    perform(about_run("report"))
  elseif key == "R" then
    perform(about_run("status"))
  elseif key == "a" then
    ask("Why is the run aborted? ", false, function(note)
      perform(about_run("abort", { note = note }))
    end)
  elseif not step then
    complain("the run is over")
  elseif key == "d" then
    perform(about_run(step.id:match("^R") and "undone" or "done"))
  elseif key == "f" then
    ask(string.format("What was seen when step %s failed? ", step.id), false, function(note)
      perform(about_run("failed", { note = note }))
    end)
  elseif key == "s" then
    ask(string.format("Why is step %s left out? ", step.id), true, function(note)
      perform(about_run("skipped", { note = note }))
    end)
  elseif key == "y" and type(step.command) == "string" then
    vim.fn.setreg('"', step.command)
    pcall(vim.fn.setreg, "+", step.command)
    vim.api.nvim_echo({ { "copied: " .. step.command } }, false, {})
  end
end

--- Shows where a run stands, in the window that shows it already or in a split.
local function show_run(answer)
  local has_moved = not shown.status or shown.status.next ~= answer.status.next
  shown.status, shown.root = answer.status, answer.root
  local markdown = KEYS .. "\n\n" .. answer.markdown
  local window = shown.buffer and vim.fn.bufwinid(shown.buffer) or -1
  if window == -1 then
    has_moved = true
    shown.buffer = show("Run", markdown)
    window = vim.fn.bufwinid(shown.buffer)
    for key in ("dfsayrR"):gmatch(".") do
      vim.keymap.set("n", key, function()
        on_key(key)
      end, { buffer = shown.buffer, nowait = true })
    end
    -- Somebody may have gone on in a terminal.
    vim.api.nvim_create_autocmd({ "BufEnter", "FocusGained" }, {
      buffer = shown.buffer,
      callback = function()
        perform(about_run("status"))
      end,
    })
  else
    fill(shown.buffer, markdown)
  end
  if has_moved then
    -- The step whose turn it is, with all it needs, is what one looks for.
    local at = vim.fn.match(vim.api.nvim_buf_get_lines(shown.buffer, 0, -1, false), "^## ")
    pcall(vim.api.nvim_win_set_cursor, window, { math.max(at, 0) + 1, 0 })
  end
end

--- Asks the server for one action on the runs of the project and shows what comes of it.
perform = function(asked)
  request(shown.client, shown.bufnr, "rollsafe.run", { asked }, function(err, answer)
    if not err then
      if type(answer.status) == "table" and asked.action ~= "report" then
        show_run(answer)
      else
        show(answer.title, answer.markdown)
      end
      return
    end
    local reason = type(err.data) == "table" and err.data.reason
    if asked.action == "start" and OVERRULED[reason] and not asked.anyway then
      if vim.fn.confirm("rollsafe: " .. err.message .. ". Start anyway?", "&Start\n&Cancel", 2) == 1 then
        perform(vim.tbl_extend("force", asked, { anyway = true }))
      end
    else
      complain(err.message)
    end
  end)
end

--- What `:RollsafeRun` was given, as the server takes it.
local function run_request(words, bang)
  local asked = { action = words[1] or "status", anyway = bang or nil }
  local note = {}
  for position = 2, #words do
    local word = words[position]
    local name, value = word:match("^%-%-(%w+)=(.*)$")
    if asked.action == "start" and (name == "environment" or name == "base") then
      asked[name] = value
    elseif position == 2 and ABOUT_A_STEP[asked.action] and word:match("^R?%d+$") then
      asked.step = word
    else
      table.insert(note, word)
    end
  end
  asked.note = #note > 0 and table.concat(note, " ") or nil
  return asked
end

local function run(options)
  local asked = run_request(options.fargs, options.bang)
  if vim.api.nvim_get_current_buf() == shown.buffer then
    asked.uri = shown.root
    asked.run = asked.action ~= "start" and shown.status and shown.status.run or nil
  else
    local client, bufnr = attached()
    if not client then
      return
    end
    shown.client, shown.bufnr = client, bufnr
    asked.uri = vim.uri_from_bufnr(bufnr)
  end
  perform(asked)
end

local function complete_run(lead, line)
  local before = vim.split(line:gsub("^%s*%S+%s+", ""), "%s+")
  local known = {}
  if #before == 1 then
    known = ACTIONS
  elseif #before == 2 and ABOUT_A_STEP[before[1]] and next_step() then
    known = { next_step().id }
  end
  return vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, known)
end

-- The commands --------------------------------------------------------------------------------------

vim.api.nvim_create_user_command("RollsafeRun", run, {
  nargs = "*",
  bang = true,
  complete = complete_run,
  desc = "Carry out the deployment plan step by step and write down what happened",
})
vim.api.nvim_create_user_command("RollsafePlan", plan, {
  nargs = "*",
  bang = true,
  complete = complete_kind,
  desc = "Make a plan, of the deployment unless another kind is named",
})
vim.api.nvim_create_user_command("RollsafeReview", review, {
  nargs = "?",
  complete = complete_agent,
  desc = "Let a model look at the buffer, for every agent or one",
})
vim.api.nvim_create_user_command("RollsafeAgents", choose_agent, {
  nargs = 0,
  desc = "Choose an agent to review the buffer with",
})
vim.api.nvim_create_user_command("RollsafeExplain", explain, {
  nargs = "?",
  complete = complete_rule,
  desc = "Explain a rule",
})

local function count(number, noun)
  return string.format("%d %s%s", number, noun, number == 1 and "" or "s")
end

local function on_status(_, status)
  local text = count(status.files, "file")
  for _, noun in ipairs({ "error", "warning" }) do
    local number = status[noun .. "s"]
    text = number > 0 and text .. " · " .. count(number, noun) or text
  end
  vim.g.rollsafe_status = string.format("rollsafe %s %s", status.state == "ready" and "✓" or "…", text)
  vim.cmd("silent doautocmd <nomodeline> User RollsafeStatus")
end

return {
  name = "rollsafe",
  cmd = { "rollsafe", "server" },
  filetypes = {
    "yaml",
    "yaml.docker-compose",
    "yaml.gitlab",
    "yaml.helm-values",
    "helm",
    "dockerfile",
    "sql",
    "toml",
    "json",
    "jsonc",
    "markdown",
    "sh",
    "make",
    "proto",
  },
  root_markers = { "rollsafe.toml", ".git" },
  init_options = { trusted = true, trustAgents = false, settings = vim.empty_dict() },
  settings = { rollsafe = vim.empty_dict() },
  commands = {
    ["rollsafe.plan"] = from_code_action,
    ["rollsafe.explain"] = from_code_action,
  },
  handlers = { ["rollsafe/status"] = on_status },
}
