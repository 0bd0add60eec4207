using System.Text;
using System.Xml.Linq;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Tutti.Proposals;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Contracts.Tests;

public sealed class The_table_of_contracts
{
    /// <summary>Every service whose reactions are told in the table.</summary>
    private static readonly Action<IBusRegistrationConfigurator>[] services = [bus => bus.AddProposalsConsumers()];

    [Fact]
    public void Says_what_the_code_says()
    {
        var file = Path.Combine(Golden.Root, "docs", "contracts.md");
        var builder = WebApplication.CreateBuilder();
        builder.AddBus(services);
        var table = Table(ContractList.All, [.. builder.Services.Select(service => service.ImplementationInstance).OfType<Reaction>()]);
        if (Golden.Writes) Golden.Write(file, table);
        Assert.Equal(table, File.ReadAllText(file));
    }

    [Fact]
    public void Changes_when_a_listener_does()
    {
        Reaction some = new("some-queue", [typeof(Contracts.Proposals.CallClosed)]), other = new("other-queue", [typeof(Contracts.Proposals.CallClosed)]);
        var line = Assert.Single(Table([typeof(Contracts.Proposals.CallClosed)], [some, other]).Split('\n'), line => line.StartsWith("| `", StringComparison.Ordinal));
        Assert.Equal("| `proposals.call-closed` | Said by Proposals when the last moment of submission has passed. | `CallId` | `other-queue`, `some-queue` |", line);
    }

    private static string Table(IReadOnlyList<Type> contracts, IReadOnlyList<Reaction> reactions)
    {
        var summaries = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Tutti.Contracts.xml")).Descendants("member")
            .ToDictionary(member => (string?)member.Attribute("name") ?? "", member => string.Join(' ', (member.Element("summary")?.Value ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        var text = new StringBuilder("""
            # Contracts

            Every message that services send each other: who says it and when, the member that keeps its messages in order, and the queues that listen.
            A test compares this file with the code; `TUTTI_WRITE_GOLDEN=1` writes it anew.

            | contract | who says it, and when | key | who listens |
            |---|---|---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var contract in contracts)
        {
            var queues = reactions.Where(reaction => reaction.Contracts.Contains(contract)).Select(reaction => $"`{reaction.Queue}`").Order(StringComparer.Ordinal);
            text.Append($"| `{ContractRules.NameOf(contract)}` | {summaries[$"T:{contract.FullName}"]} | `{ContractRules.KeyOf(contract)}` | {string.Join(", ", queues)} |\n".Replace("|  |\n", "| |\n", StringComparison.Ordinal));
        }
        return text.ToString();
    }
}
