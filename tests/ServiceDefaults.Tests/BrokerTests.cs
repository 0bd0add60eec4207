using System.Net;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Tutti.ServiceDefaults.Probe;
using Tutti.Testing;

namespace Tutti.ServiceDefaults.Tests;

[Trait("needs", "servers")]
public sealed class A_broker
{
    [Fact]
    public async Task That_brings_something_unreadable_does_not_stop_the_rest()
    {
        await using var installation = await Installation.OnServersAsync();
        var host = await installation.StartAsync();
        await UntilHealthyAsync(host);
        var queue = installation.Prefix + WhenProposalClosed.Queue;
        var id = Guid.CreateVersion7();
        byte[][] bodies =
        [
            "not an envelope"u8.ToArray(), "[1,2]"u8.ToArray(), "{}"u8.ToArray(), [], [0, 1, 2, 0xff, 0xfe], """{"messageType":[],"message":{}}"""u8.ToArray(),
            Encoding.UTF8.GetBytes($$"""{"messageId":"{{id}}","messageType":["urn:message:Tutti.Contracts.Proposals:ProposalClosed"],"message":{"proposalId":"no id"} }"""),
            Encoding.UTF8.GetBytes($$"""{"messageId":null,"messageType":["urn:message:Tutti.Contracts.Proposals:ProposalClosed"],"message":{"proposalId":"{{id}}","callId":"{{id}}","revision":1} }"""),
        ];
        await using (var connection = await ConnectAsync(installation))
        await using (var channel = await connection.CreateChannelAsync())
        {
            foreach (var body in bodies)
                await channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties { Persistent = true, ContentType = "application/vnd.masstransit+json" }, body);
        }
        var good = ProbeHost.Closed();
        await host.SayAsync(good);
        await host.UntilHandledAsync(good.ProposalId);
        var letters = await host.UntilLettersAsync(bodies.Length);
        Assert.True(letters.Count == bodies.Length, string.Join('\n', letters.Select(letter => $"{letter.Body}: {letter.Error.Split('\n')[0]}")));
        Assert.All(letters, letter => Assert.Equal(queue, letter.Queue));
        Assert.Contains(letters, letter => letter.Body == "not an envelope" && letter.Contract is null);
        Assert.Contains(letters, letter => letter.MessageId == id && letter.Contract == "proposals.proposal-closed");
        Assert.Equal(0, await host.HandledAsync(id));
        await using var check = await ConnectAsync(installation);
        await using var empty = await check.CreateChannelAsync();
        await Poll.UntilAsync(async stop => (await empty.QueueDeclarePassiveAsync(queue, stop)).MessageCount == 0, TimeSpan.FromSeconds(30), () => "an empty queue");
    }

    [Fact]
    public async Task That_is_away_for_a_while_gets_the_rows_of_each_key_in_their_order()
    {
        await using var broker = await RabbitMqServer.StartAsync();
        await using var installation = await Installation.OnServersAsync(broker);
        var host = await installation.StartAsync();
        await UntilHealthyAsync(host);
        const string Listener = "listener";
        await using (var connection = await ConnectAsync(installation))
        await using (var channel = await connection.CreateChannelAsync())
        {
            await channel.QueueDeclareAsync(Listener, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
            await channel.QueueBindAsync(Listener, installation.Prefix + "proposals.proposal-closed", "");
        }
        Guid[] proposals = [.. Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7())];
        var revision = 0;
        async Task SayTenAsync()
        {
            for (var last = revision + 10; revision < last;)
            {
                revision++;
                foreach (var proposal in proposals) await host.SayAsync(ProbeHost.Closed(proposal, revision));
            }
        }
        await SayTenAsync();
        await broker.StopAsync();
        await SayTenAsync();
        await broker.StartAgainAsync();
        await SayTenAsync();
        await broker.KillAsync();
        await SayTenAsync();
        await broker.StartAgainAsync();
        await SayTenAsync();
        await host.QuietAsync();
        foreach (var proposal in proposals) await host.UntilHandledAsync(proposal, times: revision);

        var heard = proposals.ToDictionary(proposal => proposal, _ => new List<int>());
        await using var reading = await ConnectAsync(installation);
        await using var reader = await reading.CreateChannelAsync();
        while (await reader.BasicGetAsync(Listener, autoAck: true) is { } message)
        {
            using var envelope = JsonDocument.Parse(message.Body);
            var told = envelope.RootElement.GetProperty("message");
            heard[told.GetProperty("proposalId").GetGuid()].Add(told.GetProperty("revision").GetInt32());
        }
        // A confirm that was lost with the connection makes a second copy right behind the first: the inbox drops it.
        foreach (var proposal in proposals)
        {
            Assert.Equal(Enumerable.Range(1, revision), heard[proposal].Where((each, index) => index == 0 || heard[proposal][index - 1] != each));
            Assert.Equal(revision, await host.HandledAsync(proposal));
        }
    }

    [Fact]
    public async Task That_is_away_when_a_process_starts_does_not_keep_it_from_taking_in_what_people_say()
    {
        await using var broker = await RabbitMqServer.StartAsync();
        await using var installation = await Installation.OnServersAsync(broker);
        await (await installation.StartAsync()).DisposeAsync();
        await broker.StopAsync();
        var id = Guid.CreateVersion7();
        await using var process = installation.Process();
        await process.StartAsync();
        await process.WaitUntilReadyAsync(TimeSpan.FromSeconds(60));
        using (var client = new HttpClient { BaseAddress = process.Address })
        {
            Assert.Equal(HttpStatusCode.NoContent, (await client.PostAsync(new Uri($"/api/probe/notes/{id}", UriKind.Relative), null)).StatusCode);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync(new Uri("/health/broker", UriKind.Relative))).StatusCode);
        }
        await broker.StartAgainAsync();
        await (await installation.StartAsync()).UntilHandledAsync(id);
    }

    [Fact]
    public async Task Does_not_drop_a_message_because_the_database_was_away_for_long()
    {
        await using var installation = await Installation.OnServersAsync();
        var host = await installation.StartAsync();
        await UntilHealthyAsync(host);
        await using var connection = await ConnectAsync(installation);
        // RabbitMQ 4 drops what has come back 20 times unless the queue says otherwise; only the same arguments can be declared again.
        await using (var same = await connection.CreateChannelAsync())
            await same.QueueDeclareAsync(installation.Prefix + WhenProposalClosed.Queue, durable: true, exclusive: false, autoDelete: false,
                new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = 1_000_000_000 });
        await using var other = await connection.CreateChannelAsync();
        await Assert.ThrowsAsync<OperationInterruptedException>(() => other.QueueDeclareAsync(
            installation.Prefix + WhenProposalClosed.Queue, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = 20 }));
    }

    /// <summary>Its queues are declared once something has come through.</summary>
    private static async Task UntilHealthyAsync(ProbeHost host)
    {
        var first = ProbeHost.Closed();
        await host.SayAsync(first);
        await host.UntilHandledAsync(first.ProposalId);
    }

    private static Task<IConnection> ConnectAsync(Installation installation) => new ConnectionFactory
    {
        Uri = new Uri(installation.Settings["Tutti:Broker:Url"] ?? throw new InvalidOperationException("No broker.")), AutomaticRecoveryEnabled = false,
    }.CreateConnectionAsync();
}
