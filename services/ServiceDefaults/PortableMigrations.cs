using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations.Design;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.Extensions.DependencyInjection;

namespace Tutti.ServiceDefaults;

/// <summary>Design time only: leaves column types out of migrations and snapshots, so that each database maps the CLR type itself.</summary>
public sealed partial class PortableMigrations : IDesignTimeServices
{
    /// <inheritdoc/>
    public void ConfigureDesignTimeServices(IServiceCollection serviceCollection) =>
        serviceCollection
            .AddSingleton<ICSharpMigrationOperationGenerator, WithoutColumnTypes>()
            .AddSingleton<ICSharpSnapshotGenerator, SnapshotWithoutColumnTypes>();

    [GeneratedRegex("""\s*\.HasColumnType\("[^"]*"\)""")]
    private static partial Regex ColumnType();

    private sealed class WithoutColumnTypes(CSharpMigrationOperationGeneratorDependencies dependencies) : CSharpMigrationOperationGenerator(dependencies)
    {
        public override void Generate(string builderName, IReadOnlyList<MigrationOperation> operations, IndentedStringBuilder builder)
        {
            foreach (var column in operations.OfType<ColumnOperation>().Concat(operations.OfType<CreateTableOperation>().SelectMany(table => table.Columns)))
            {
                column.ColumnType = null;
                if (column is AlterColumnOperation alter) alter.OldColumn.ColumnType = null;
            }
            base.Generate(builderName, operations, builder);
        }
    }

    private sealed class SnapshotWithoutColumnTypes(CSharpSnapshotGeneratorDependencies dependencies) : CSharpSnapshotGenerator(dependencies)
    {
        public override void Generate(string modelBuilderName, IModel model, IndentedStringBuilder stringBuilder)
        {
            var snapshot = new IndentedStringBuilder();
            base.Generate(modelBuilderName, model, snapshot);
            using (stringBuilder.SuspendIndent())
            {
                foreach (var line in ColumnType().Replace(snapshot.ToString(), "").Split(Environment.NewLine))
                    stringBuilder.AppendLine(line.Length == 0 ? line : "            " + line);
            }
        }
    }
}
