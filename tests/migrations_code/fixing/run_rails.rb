# Runs migrations of Rails on a database and tells, as JSON, what it looks like in between or what was sent.
#
# stdin: {"directory", "socket", "database", "schema", "acts"}. Acts: `first` and `up` go up to the first and to the
# last migration, `down` back to the first, `look` asks `schema`, `state` tells nothing. `trace` goes up to the last
# and back before the first, and tells the statements of each migration by its label, both ways.

require "json"
require "active_record"

BOOKKEEPING = /schema_migrations|ar_internal_metadata|pg_(try_)?advisory_(un)?lock/
wanted = JSON.parse($stdin.read)
ActiveRecord::Migration.verbose = false
ActiveRecord::Base.establish_connection(
  adapter: "postgresql", host: wanted["socket"], username: "postgres", database: wanted["database"],
  min_messages: "warning"
)
directory = File.join(wanted["directory"], "db/migrate")
context = ActiveRecord::MigrationContext.new(directory, ActiveRecord::SchemaMigration)

trace = lambda do
  found, sent = {}, []
  ActiveSupport::Notifications.subscribe("sql.active_record") do |*, event|
    transaction = %w[BEGIN COMMIT ROLLBACK].include?(event[:sql])
    sent << event[:sql] unless event[:name] == "SCHEMA" || transaction || BOOKKEEPING.match?(event[:sql])
  end
  context.migrations.each do |one|
    found[one.name.underscore] = %w[up down].to_h do |way|
      sent.clear
      context.run(way.to_sym, one.version)
      result = [way, sent.dup]
      context.run(:up, one.version) if way == "down"
      result
    end
  end
  found
end

connection = ActiveRecord::Base.connection
version = context.migrations.first.version
acts = {
  "first" => -> { context.up(version) },
  "up" => -> { context.up },
  "down" => -> { context.down(version) },
  "look" => -> { connection.select_values(wanted["schema"]) },
  "state" => -> { [] },
  "trace" => trace
}
told = wanted["acts"].map { |act| [act, acts.fetch(act).call] }
puts JSON.generate(told.select { |act, _| %w[look state trace].include?(act) }.map(&:last))
