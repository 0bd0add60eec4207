using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Tutti.Testing.Tests;

[Trait("needs", "servers")]
public sealed class A_RabbitMQ_server
{
    private const string Queue = "tutti-test";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Has_its_confirmed_messages_after_a_stop_and_after_a_kill_and_leaves_nothing_behind()
    {
        var processesBefore = Own();
        var foldersBefore = Folders();
        await using (var server = await RabbitMqServer.StartAsync(cancellation: Stop))
        {
            TestContext.Current.SendDiagnosticMessage(server.Description);
            await PublishAsync(server, "before the stop");

            await server.StopAsync(Stop);
            await Assert.ThrowsAsync<BrokerUnreachableException>(() => PublishAsync(server, "during the outage"));
            await server.StartAgainAsync(Stop);
            await PublishAsync(server, "before the kill");

            await server.KillAsync(Stop);
            await server.StartAgainAsync(Stop);

            Assert.Equal(["before the stop", "before the kill"], await ReadAsync(server, 2));
        }

        Assert.Equal(processesBefore, Own());
        Assert.Equal(foldersBefore, Folders());
    }

    [Fact]
    public async Task Keeps_messages_and_password_in_a_folder_of_ours()
    {
        using var folder = new TemporaryFolder("kept");
        var options = new RabbitMqOptions { Folder = Path.Combine(folder.Path, "rabbitmq"), Port = FreePorts.Next() };
        Uri url;
        await using (var first = await RabbitMqServer.StartAsync(options, Stop))
        {
            url = first.Url;
            await PublishAsync(first, "kept");
        }

        await using var second = await RabbitMqServer.StartAsync(options, Stop);

        Assert.Equal(url, second.Url);
        Assert.Equal(["kept"], await ReadAsync(second, 1));
    }

    private static async Task PublishAsync(RabbitMqServer server, string text)
    {
        await using var connection = await Factory(server).CreateConnectionAsync(Stop);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Stop);
        await channel.QueueDeclareAsync(
            Queue, durable: true, exclusive: false, autoDelete: false,
            arguments: new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: Stop);
        // With tracking on, this returns when the broker has confirmed, and throws when it has not taken the message.
        await channel.BasicPublishAsync(
            "", Queue, mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes(text), Stop);
    }

    private static async Task<IReadOnlyList<string>> ReadAsync(RabbitMqServer server, int expected)
    {
        await using var connection = await Factory(server).CreateConnectionAsync(Stop);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Stop);
        List<string> texts = [];
        // A quorum queue elects its leader after a start: until then it may answer that it is empty.
        await Poll.UntilAsync(
            async stop =>
            {
                while (await channel.BasicGetAsync(Queue, autoAck: true, stop) is { } message)
                    texts.Add(Encoding.UTF8.GetString(message.Body.Span));
                return texts.Count >= expected;
            },
            TimeSpan.FromSeconds(30),
            () => $"{expected} messages are there, not only [{string.Join(", ", texts)}]",
            Stop);
        return texts;
    }

    private static ConnectionFactory Factory(RabbitMqServer server) => new() { Uri = server.Url, AutomaticRecoveryEnabled = false };

    private static IEnumerable<ProcessTree.Member> Own() =>
        ProcessTree.Below(Environment.ProcessId).Where(ProcessTree.IsAlive).OrderBy(each => each.Id);

    private static IEnumerable<string> Folders() =>
        Directory.EnumerateDirectories(Path.GetTempPath(), $"tutti-test-{Environment.ProcessId}-rabbitmq-*").Order();
}
