using System.Net.Sockets;

namespace Tutti.Testing;

/// <summary>Whether a Docker engine answers on this machine; asked once per process.</summary>
public static class DockerEngine
{
    private static readonly Lazy<Task<bool>> Answer = new(AskAsync);

    public static Task<bool> AnswersAsync() => Answer.Value;

    private static async Task<bool> AskAsync()
    {
        var endpoint = new Uri(Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } named ? named : "unix:///var/run/docker.sock");
        var socket = endpoint.Scheme == "unix" ? endpoint.LocalPath : null;
        if (socket is not null && !File.Exists(socket))
            return false;
        using var handler = new SocketsHttpHandler();
        if (socket is not null)
        {
            handler.ConnectCallback = async (_, stop) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), stop);
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
                return new NetworkStream(connection, ownsSocket: true);
            };
        }
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(3) };
        try
        {
            using var pong = await http.GetAsync(new Uri(socket is null ? $"http://{endpoint.Authority}/_ping" : "http://docker/_ping"));
            return pong.IsSuccessStatusCode;
        }
        catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
