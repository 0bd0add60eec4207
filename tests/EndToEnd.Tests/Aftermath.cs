using System.Data.Common;
using Tutti.Testing;

namespace Tutti.EndToEnd.Tests;

/// <summary>What must hold in the services' databases of every acknowledged submission, whoever was killed meanwhile.</summary>
internal sealed class Aftermath(Func<string, DbConnection> database)
{
    private static readonly string[] services = ["catalogue", "cellpool", "identity", "proposals", "reduction", "review", "scheduling"];

    /// <summary>
    /// Every acknowledged proposal is in feasibility, came there once, was told once and asked to be judged once, and Review has one task for
    /// each of its three experiments and one for the board. Nothing is left unsent, set aside or dead.
    /// </summary>
    public async Task CheckAsync(IReadOnlyCollection<Guid> acknowledged, TimeSpan patience)
    {
        Assert.Equal(acknowledged.Count, acknowledged.Distinct().Count());
        var left = "";
        await Poll.UntilAsync(async _ => (left = await LeftAsync(acknowledged)).Length == 0, patience, () => left);

        var statuses = await CountAsync("proposals", """select "Id", "Status" from "Proposals" """);
        var submitted = statuses.Keys.Where(key => !key.EndsWith("Draft", StringComparison.Ordinal)).Select(key => key[..36]).ToHashSet();
        Assert.Superset(acknowledged.Select(id => id.ToString()).ToHashSet(), submitted);
        Assert.All(submitted, id => Assert.Contains(id + " InFeasibility", statuses.Keys));

        // Also of what was submitted without an answer reaching its client: once, and carried on.
        await ExactlyOnceAsync("""select "ProposalId", "To" from "History" """, submitted, ["Submitted", "InFeasibility"], "proposals");
        await ExactlyOnceAsync("""select "Key", "Contract" from "Outbox" where "Contract" in ('proposals.proposal-submitted', 'proposals.judge-feasibility')""",
            submitted, ["proposals.proposal-submitted", "proposals.judge-feasibility"], "proposals");
        var tasks = await CountAsync("review", """select "ProposalId", "Submission" from "Tasks" """);
        Assert.Equal(submitted.Select(id => (id + " 1", 4)).Order(), tasks.Select(task => (task.Key, task.Value)).Order());
        foreach (var service in services)
        {
            Assert.Equal(0, await ScalarAsync(service, """select count(*) from "DeadLetters" """));
            Assert.Equal(0, await ScalarAsync(service, """select count(*) from "Outbox" where "SetAside" is not null"""));
        }
    }

    private async Task ExactlyOnceAsync(string sql, HashSet<string> submitted, string[] each, string service)
    {
        var counted = await CountAsync(service, sql);
        Assert.Equal(submitted.SelectMany(id => each.Select(what => ($"{id} {what}", 1))).Order(), counted.Select(row => (row.Key, row.Value)).Order());
    }

    private async Task<string> LeftAsync(IReadOnlyCollection<Guid> acknowledged)
    {
        var waiting = 0L;
        foreach (var service in services) waiting += await ScalarAsync(service, """select count(*) from "Outbox" where "SentAt" is null and "SetAside" is null and "NotBefore" is null""");
        var onTheirWay = await ScalarAsync("proposals", """select count(*) from "Proposals" where "Status" = 'Submitted' """);
        var tasks = await ScalarAsync("review", """select count(distinct "ProposalId") from "Tasks" """);
        var dead = 0L;
        foreach (var service in services) dead += await ScalarAsync(service, """select count(*) from "DeadLetters" """);
        return dead > 0 || (waiting == 0 && onTheirWay == 0 && tasks >= acknowledged.Count) ? "" : $"{waiting} events unsent, {onTheirWay} proposals not yet in feasibility, {tasks} of {acknowledged.Count} with tasks";
    }

    /// <summary>How often each pair of the two columns occurs.</summary>
    private async Task<Dictionary<string, int>> CountAsync(string service, string sql)
    {
        await using var connection = database(service);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is a constant of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        Dictionary<string, int> counts = [];
        while (await reader.ReadAsync())
        {
            var key = $"{reader.GetValue(0).ToString()?.ToLowerInvariant()} {reader.GetValue(1)}";
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        return counts;
    }

    private async Task<long> ScalarAsync(string service, string sql)
    {
        await using var connection = database(service);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is a constant of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
